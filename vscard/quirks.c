/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscard/quirks.h"

#include <byteswap.h>

/*
 * libcacard's vscclient and spice-gtk send Error codes in their machine's
 * byte order, hosts in big-endian. Codes are small numbers, so the order
 * shows. (Our own client sends big-endian, as the header does; stock hosts
 * look at no more than zero or not.)
 */
uint32_t
quirk_error_code(uint32_t code)
{
	return code > UINT16_MAX && bswap_32(code) <= UINT16_MAX ?
	    bswap_32(code) : code;
}

/* Nobody known sends a NUL behind a name; QEMU would not mind one. */
size_t
quirk_name_len(const uint8_t *name, size_t len)
{
	return len > 0 && name[len - 1] == '\0' ? len - 1 : len;
}

static bool
quirk_expects(const struct host_reader *r)
{
	return r->late > 0 || r->state == READER_APDU;
}

/*
 * vscclient says reader 0 in every message, whatever it was assigned. If
 * nobody waits there but one other reader does, that one is meant.
 */
uint32_t
quirk_answerer(const struct host *h, uint32_t reader, bool stock)
{
	uint32_t found = 0;

	if (!stock || reader != 0 || quirk_expects(&h->readers[0]))
		return reader;
	for (uint32_t i = 1; i < h->count; i++) {
		if (!quirk_expects(&h->readers[i]))
			continue;
		if (found != 0)
			return reader;
		found = i;
	}
	return found;
}

/*
 * vscclient computes a response in one thread and announces a removal from
 * another, and spice-gtk is no different: the answer to a command that has
 * failed meanwhile still comes, and must not be taken for the next one's.
 * QEMU does just that. A client of the extension never does it.
 */
bool
quirk_answers_late(uint32_t capabilities)
{
	return capabilities == 0;
}

/*
 * vscclient, started by two Inits, sends ReaderAdd, ReaderRemove and then an
 * ATR; spice-server may leave ReaderAdd out. Their only reader has id 0.
 */
bool
quirk_adds_itself(uint32_t reader)
{
	return reader == 0;
}

/*
 * Clients begin with ReaderRemove(0), because QEMU keeps the card of the
 * connection before: nothing to wonder about.
 */
bool
quirk_is_precaution(uint32_t reader)
{
	return reader == 0;
}

/*
 * Two clients joined by mistake both greet and then wait for ever. Stock ones
 * cannot be told apart; with the extension a host's Init has no reader.
 */
bool
quirk_is_client(const struct wire_message *init, uint32_t capabilities)
{
	return capabilities != 0 && init->reader != WIRE_NO_READER;
}

/* QEMU has one slot and gives its id 0 to every reader that asks. */
bool
quirk_is_shared(const struct client *c, uint32_t id)
{
	return client_find(c, id) != NULL;
}

/*
 * QEMU lets an unexpected Error spoil the next command of its guest, but
 * drops an unexpected response; a host that counts late answers needs one.
 * So a command that crossed a removal gets a status word: no diagnosis.
 */
const uint8_t quirk_crossed[2] = {0x6f, 0x00};
