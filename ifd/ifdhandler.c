/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions that pcscd calls, each short: check, take the slot, do,
 * release, map the result.
 */
#include <ifdhandler.h>
#include <pthread.h>
#include <winscard.h>

#include "ifd/features.h"
#include "ifd/link.h"
#include "ifd/luns.h"
#include "ifd/reader.h"
#include "ifd/status.h"
#include "util/log.h"

#define IFD_API __attribute__((visibility("default")))

/* Where the newest pcscd lets DEVICENAME out: the usual port, here only. */
static const char default_endpoint[] = "tcp:127.0.0.1:2001";

/* --- channels --------------------------------------------------------- */

IFD_API RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	if (DeviceName == NULL || luns_open(Lun, DeviceName) < 0)
		return IFD_COMMUNICATION_ERROR;
	return IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Channel;
	return luns_open(Lun, default_endpoint) < 0 ? IFD_COMMUNICATION_ERROR
	                                             : IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
	return status_of(luns_close(Lun));
}

/* --- presence and events ---------------------------------------------- */

static const RESPONSECODE presence_codes[] = {
    [SLOT_DETACHED] = IFD_COMMUNICATION_ERROR,
    [SLOT_EMPTY] = IFD_ICC_NOT_PRESENT,
    [SLOT_CARD] = IFD_ICC_PRESENT,
};

IFD_API RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
	struct slot *slot = luns_take(Lun);
	enum slot_mode mode;

	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	mode = slot_presence(slot);
	if (mode == SLOT_DETACHED &&
	    slot->reader->config.detached == CONFIG_EMPTY)
		mode = SLOT_EMPTY;
	luns_release(slot);
	return presence_codes[mode];
}

/*
 * pcscd's status thread sleeps here. An error would make it sleep 400 ms
 * more, so only a channel that is not open gives one.
 */
static RESPONSECODE
polling(DWORD Lun, int timeout)
{
	struct slot *slot = luns_take(Lun);

	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	slot_wait(slot, timeout);
	luns_release(slot);
	return IFD_SUCCESS;
}

static RESPONSECODE
stop_polling(DWORD Lun)
{
	struct slot *slot = luns_take(Lun);

	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	slot_stop(slot);
	luns_release(slot);
	return IFD_SUCCESS;
}

/* --- capabilities ----------------------------------------------------- */

/* pcscd gives a pointer's room for those tags that ask for a function. */
static int
get_function(DWORD tag, void *out, size_t cap)
{
	void *function;

	if (tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT)
		function = (void *)polling;
	else if (tag == TAG_IFD_STOP_POLLING_THREAD)
		function = (void *)stop_polling;
	else
		return -ENOENT;
	if (cap < sizeof(function))
		return -ENOBUFS;
	*(void **)out = function;
	return (int)sizeof(function);
}

IFD_API RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	struct slot *slot;
	int rc;

	if (Length == NULL || Value == NULL)
		return IFD_COMMUNICATION_ERROR;
	slot = luns_take(Lun);
	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	rc = get_function(Tag, Value, *Length);
	if (rc == -ENOENT)
		rc = features_get(slot, Tag, Value, *Length);
	luns_release(slot);
	if (rc >= 0)
		*Length = (DWORD)rc;
	return status_of(rc);
}

IFD_API RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun;
	(void)Tag;
	(void)Length;
	(void)Value;
	return IFD_ERROR_VALUE_READ_ONLY;
}

/* --- the card --------------------------------------------------------- */

static int
request_power(struct slot *slot, enum vscard_power what, PUCHAR atr,
    PDWORD len)
{
	uint8_t room[VSCARD_ATR_MAX];
	struct request request = {
	    .kind = REQUEST_POWER,
	    .what = what,
	    .timeout = (int)slot->reader->config.reset_timeout * 1000,
	    .room = room,
	    .cap = sizeof(room),
	};
	int rc = link_request(slot, &request);

	if (rc == 0 && what != VSCARD_POWER_DOWN) {
		/* A card may leave the ATR out; then the known one holds. */
		if (request.len == 0)
			request.len = slot_atr(slot, room);
		for (size_t i = 0; i < request.len; i++)
			atr[i] = room[i];
		*len = (DWORD)request.len;
	}
	return rc;
}

/*
 * The peer knows no power: its card stays as it is, and so does its ATR. Or
 * else the application is to take it for another card.
 */
static int
stock_power(struct slot *slot, enum vscard_power what, PUCHAR atr, PDWORD len)
{
	uint8_t unused[VSCARD_ATR_MAX];

	if (what != VSCARD_POWER_UP)
		link_tell_reset(slot);
	if (what == VSCARD_POWER_RESET &&
	    slot->reader->config.legacy_reset == CONFIG_REINSERT)
		return slot_reinsert(slot);
	if (what == VSCARD_POWER_DOWN)
		return slot_atr(slot, unused) > 0 ? 0 : -ENOMEDIUM;
	*len = (DWORD)slot_atr(slot, atr);
	return *len > 0 ? 0 : -ENOMEDIUM;
}

static int
power(struct slot *slot, DWORD action, PUCHAR atr, PDWORD len)
{
	enum vscard_power what;

	switch (action) {
	case IFD_POWER_UP:
		what = VSCARD_POWER_UP;
		break;
	case IFD_POWER_DOWN:
		what = VSCARD_POWER_DOWN;
		break;
	case IFD_RESET:
		what = VSCARD_POWER_RESET;
		break;
	default:
		return -ENOTSUP;
	}
	if (what != VSCARD_POWER_DOWN &&
	    (atr == NULL || len == NULL || *len < VSCARD_ATR_MAX))
		return -EINVAL;
	if ((link_capabilities(slot) & VSCARD_CAP_POWER) != 0)
		return request_power(slot, what, atr, len);
	return stock_power(slot, what, atr, len);
}

IFD_API RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	struct slot *slot = luns_take(Lun);
	int rc;

	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	rc = power(slot, Action, Atr, AtrLength);
	if (rc < 0)
		slot_failed(slot);
	luns_release(slot);
	if (rc < 0 && AtrLength != NULL)
		*AtrLength = 0;
	if (rc == -EIO || rc == -ENOMEDIUM || rc == -ENODEV)
		return IFD_ERROR_POWER_ACTION;
	return status_of(rc);
}

IFD_API RESPONSECODE
IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
    UCHAR PTS2, UCHAR PTS3)
{
	struct request request = {
	    .kind = REQUEST_PROTOCOL,
	    .what = Protocol == SCARD_PROTOCOL_T1 ? 1 : 0,
	};
	struct slot *slot;
	int rc = 0;

	/* Speeds (the PTS bytes) mean nothing to a card that is not here. */
	(void)Flags;
	(void)PTS1;
	(void)PTS2;
	(void)PTS3;
	if (Protocol != SCARD_PROTOCOL_T0 && Protocol != SCARD_PROTOCOL_T1)
		return IFD_PROTOCOL_NOT_SUPPORTED;
	slot = luns_take(Lun);
	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	request.timeout = (int)slot->reader->config.reset_timeout * 1000;
	if ((link_capabilities(slot) & VSCARD_CAP_PROTOCOL) != 0 &&
	    !slot_speaks(slot, request.what))
		rc = link_request(slot, &request);
	slot_connect(slot);
	luns_release(slot);
	return rc == -EIO ? IFD_ERROR_PTS_FAILURE : status_of(rc);
}

IFD_API RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
    DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
    PSCARD_IO_HEADER RecvPci)
{
	struct request request = {
	    .kind = REQUEST_APDU,
	    .command = TxBuffer,
	    .command_len = TxLength,
	    .room = RxBuffer,
	    .raw = SendPci.Protocol == SCARD_PROTOCOL_RAW,
	};
	struct slot *slot;
	int rc;

	if (TxBuffer == NULL || RxBuffer == NULL || RxLength == NULL)
		return IFD_COMMUNICATION_ERROR;
	request.cap = *RxLength;
	*RxLength = 0;
	slot = luns_take(Lun);
	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	request.timeout = (int)slot->reader->config.apdu_timeout * 1000;
	rc = link_request(slot, &request);
	luns_release(slot);
	if (rc < 0)
		return status_of(rc);
	*RxLength = (DWORD)request.len;
	if (RecvPci != NULL)
		RecvPci->Protocol = SendPci.Protocol;
	return IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
    PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
	struct slot *slot;
	int rc;

	(void)TxBuffer;
	(void)TxLength;
	if (pdwBytesReturned == NULL)
		return IFD_COMMUNICATION_ERROR;
	*pdwBytesReturned = 0;
	slot = luns_take(Lun);
	if (slot == NULL)
		return IFD_COMMUNICATION_ERROR;
	rc = features_control(
	    slot, dwControlCode, RxBuffer, RxBuffer != NULL ? RxLength : 0);
	luns_release(slot);
	if (rc == -ENOTSUP)
		return IFD_ERROR_NOT_SUPPORTED;
	if (rc >= 0)
		*pdwBytesReturned = (DWORD)rc;
	return status_of(rc);
}
