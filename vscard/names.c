/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the public constants, for logs and messages. */
#include "vscard/vscard.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *
name_at(const char *const *names, size_t count, size_t i)
{
	return i < count && names[i] != NULL ? names[i] : "unknown";
}

const char *
vscard_role_name(enum vscard_role role)
{
	static const char *const names[] = {
	    [VSCARD_ROLE_HOST] = "host",
	    [VSCARD_ROLE_CLIENT] = "client",
	};

	return name_at(names, COUNT(names), role);
}

const char *
vscard_cap_name(enum vscard_cap cap)
{
	switch (cap) {
	case VSCARD_CAP_POWER:
		return "power";
	case VSCARD_CAP_PROTOCOL:
		return "protocol";
	case VSCARD_CAP_SIZE:
		return "size";
	case VSCARD_CAP_NAME:
		return "name";
	case VSCARD_CAP_BYE:
		return "bye";
	case VSCARD_CAP_INSTANCE:
		return "instance";
	case VSCARD_CAP_ALL:
		return "all";
	}
	return "unknown";
}

const char *
vscard_power_name(enum vscard_power power)
{
	static const char *const names[] = {
	    [VSCARD_POWER_DOWN] = "power down",
	    [VSCARD_POWER_UP] = "power up",
	    [VSCARD_POWER_RESET] = "reset",
	};

	return name_at(names, COUNT(names), power);
}

const char *
vscard_status_name(enum vscard_status status)
{
	static const char *const names[] = {
	    [VSCARD_STATUS_OK] = "done",
	    [VSCARD_STATUS_FAILED] = "failed",
	    [VSCARD_STATUS_NO_CARD] = "no card",
	    [VSCARD_STATUS_UNSUPPORTED] = "not supported",
	};

	return name_at(names, COUNT(names), status);
}

const char *
vscard_bye_name(enum vscard_bye bye)
{
	static const char *const names[] = {
	    [VSCARD_BYE_DONE] = "finished",
	    [VSCARD_BYE_RESTART] = "restarts",
	    [VSCARD_BYE_REFUSED] = "refuses the peer",
	    [VSCARD_BYE_LOOP] = "found a loop",
	};

	return name_at(names, COUNT(names), bye);
}

const char *
vscard_fault_name(enum vscard_fault fault)
{
	static const char *const names[] = {
	    [VSCARD_FAULT_NONE] = "none",
	    [VSCARD_FAULT_LENGTH] = "message too long",
	    [VSCARD_FAULT_INIT_MAGIC] = "Init without the VSCD mark",
	    [VSCARD_FAULT_INIT_LENGTH] = "Init of a wrong length",
	    [VSCARD_FAULT_TRUNCATED] = "stream ended within a message",
	    [VSCARD_FAULT_EXTENSION] = "malformed extension message",
	    [VSCARD_FAULT_ROLE] = "peer plays the same role",
	    [VSCARD_FAULT_MEMORY] = "no memory, or the peer does not read",
	};

	return name_at(names, COUNT(names), fault);
}

const char *
vscard_oddity_name(enum vscard_oddity oddity)
{
	static const char *const names[] = {
	    [VSCARD_ODDITY_VERSION] = "Init with another version",
	    [VSCARD_ODDITY_SECOND_INIT] = "second Init",
	    [VSCARD_ODDITY_NO_INIT] = "messages before Init",
	    [VSCARD_ODDITY_ATR] = "ATR of wrong length or first byte",
	    [VSCARD_ODDITY_READER] = "message for an unknown reader",
	    [VSCARD_ODDITY_RESPONSE] = "response that nobody waits for",
	    [VSCARD_ODDITY_STALE] = "late response to a failed command",
	    [VSCARD_ODDITY_TYPE] = "message of a type not meant for us",
	    [VSCARD_ODDITY_COMMAND] = "command while one is in flight",
	};

	return name_at(names, COUNT(names), oddity);
}

const char *
vscard_event_name(enum vscard_event_type type)
{
	static const char *const names[] = {
	    [VSCARD_EVENT_OPEN] = "open",
	    [VSCARD_EVENT_INSTANCE] = "instance",
	    [VSCARD_EVENT_BYE] = "bye",
	    [VSCARD_EVENT_ODDITY] = "oddity",
	    [VSCARD_EVENT_READER_ADD] = "reader add",
	    [VSCARD_EVENT_READER_NAME] = "reader name",
	    [VSCARD_EVENT_READER_ORIGIN] = "reader origin",
	    [VSCARD_EVENT_READER_REMOVE] = "reader remove",
	    [VSCARD_EVENT_CARD_INSERT] = "card insert",
	    [VSCARD_EVENT_CARD_REMOVE] = "card remove",
	    [VSCARD_EVENT_POWER_DONE] = "power done",
	    [VSCARD_EVENT_PROTOCOL_DONE] = "protocol done",
	    [VSCARD_EVENT_APDU_FAILED] = "apdu failed",
	    [VSCARD_EVENT_APDU] = "apdu",
	    [VSCARD_EVENT_POWER] = "power",
	    [VSCARD_EVENT_PROTOCOL] = "protocol",
	    [VSCARD_EVENT_READER_READY] = "reader ready",
	    [VSCARD_EVENT_READER_REFUSED] = "reader refused",
	    [VSCARD_EVENT_CARD_READY] = "card ready",
	    [VSCARD_EVENT_CARD_REFUSED] = "card refused",
	    [VSCARD_EVENT_CANCEL] = "cancel",
	    [VSCARD_EVENT_FINISHED] = "finished",
	};

	return name_at(names, COUNT(names), type);
}
