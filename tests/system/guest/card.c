/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the test asks inside the guest, beside the tools of OpenSC:
 *
 *	card usb                waits until the reader is on the bus
 *	card name               the reader's name, when pcscd has it
 *	card state              "empty N" or "card N ATR", N counts the changes
 *	card past N             the same, when more than N changes have been
 *	card apdu HEX [HEX]...  one line of answer each; the card is kept as it is
 *
 * Waits are PC/SC's or the kernel's; the test at the other end has the clock.
 */
#include <dirent.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <winscard.h>

enum { NAME_MAX_ = 256, APDU_MAX = 65538 };

static void
check(LONG rv, const char *what)
{
	if (rv == SCARD_S_SUCCESS)
		return;
	printf("%s: %s\n", what, pcsc_stringify_error(rv));
	exit(EXIT_FAILURE);
}

/* --- the bus ---------------------------------------------------------- */

/* An interface of the class of smart card readers. */
static bool
usb_is_reader(const char *interface)
{
	char path[NAME_MAX_ + 64], class[8] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path),
	    "/sys/bus/usb/devices/%s/bInterfaceClass", interface);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	(void)!fgets(class, sizeof(class), file);
	(void)fclose(file);
	return strncmp(class, "0b", 2) == 0;
}

static bool
usb_has_reader(void)
{
	DIR *dir = opendir("/sys/bus/usb/devices");
	struct dirent *entry;
	bool found = false;

	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL)
		found = usb_is_reader(entry->d_name);
	(void)closedir(dir);
	return found;
}

static void
usb(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
	char event[4096];

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror("bind");
		exit(EXIT_FAILURE);
	}
	while (!usb_has_reader())
		(void)!recv(fd, event, sizeof(event), 0);
}

/* --- the reader ------------------------------------------------------- */

static SCARDCONTEXT
context_new(void)
{
	SCARDCONTEXT context;

	check(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
	    "SCardEstablishContext");
	return context;
}

/* The only reader; waits for it. */
static void
reader_get(SCARDCONTEXT context, char name[NAME_MAX_])
{
	SCARD_READERSTATE pnp = {.szReader = "\\\\?PnP?\\Notification"};
	DWORD len = NAME_MAX_;
	LONG rv;

	while ((rv = SCardListReaders(context, NULL, name, &len)) ==
	    SCARD_E_NO_READERS_AVAILABLE) {
		check(SCardGetStatusChange(context, INFINITE, &pnp, 1),
		    "SCardGetStatusChange");
		len = NAME_MAX_;
	}
	check(rv, "SCardListReaders");
}

static unsigned
changes(const SCARD_READERSTATE *state)
{
	return (unsigned)(state->dwEventState >> 16) & 0xffff;
}

static void
state_put(const SCARD_READERSTATE *state)
{
	bool card = (state->dwEventState & SCARD_STATE_PRESENT) != 0;

	printf("%s %u%s", card ? "card" : "empty", changes(state),
	    card ? " " : "");
	for (DWORD i = 0; card && i < state->cbAtr; i++)
		printf("%02X", state->rgbAtr[i]);
	(void)putchar('\n');
}

/* A card that pcscd is about to power up has no ATR yet. */
static bool
is_settled(const SCARD_READERSTATE *state)
{
	return (state->dwEventState & SCARD_STATE_PRESENT) == 0 ||
	    state->cbAtr > 0 ||
	    (state->dwEventState & SCARD_STATE_MUTE) != 0;
}

/*
 * An event that comes at a bad moment pcsc-lite 2.5's library takes for the
 * answer to what it asks. The reader is there all the time; a new context knows.
 */
static void
change_await(SCARDCONTEXT *inout_context, SCARD_READERSTATE *state)
{
	LONG rv;

	for (;;) {
		rv = SCardGetStatusChange(*inout_context, INFINITE, state, 1);
		if (rv != SCARD_E_UNKNOWN_READER &&
		    (state->dwEventState & SCARD_STATE_UNKNOWN) == 0)
			break;
		(void)SCardReleaseContext(*inout_context);
		*inout_context = context_new();
	}
	check(rv, "SCardGetStatusChange");
}

static void
past(long seen)
{
	SCARDCONTEXT context = context_new();
	char name[NAME_MAX_];
	SCARD_READERSTATE state = {.szReader = name};

	reader_get(context, name);
	do {
		state.dwCurrentState = state.dwEventState;
		change_await(&context, &state);
	} while ((long)changes(&state) <= seen || !is_settled(&state));
	state_put(&state);
}

static void
name(void)
{
	char text[NAME_MAX_];

	reader_get(context_new(), text);
	(void)puts(text);
}

/* --- the card --------------------------------------------------------- */

static DWORD
from_hex(const char *hex, uint8_t *out)
{
	DWORD n = 0;
	unsigned byte;

	for (; n < APDU_MAX && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static void
transmit(SCARDHANDLE card, DWORD protocol, const char *hex)
{
	static uint8_t command[APDU_MAX], response[APDU_MAX];
	DWORD len = sizeof(response);

	check(SCardTransmit(card, protocol == SCARD_PROTOCOL_T1 ?
	    SCARD_PCI_T1 : SCARD_PCI_T0, command, from_hex(hex, command),
	    NULL, response, &len), "SCardTransmit");
	for (DWORD i = 0; i < len; i++)
		printf("%02X", response[i]);
	(void)putchar('\n');
}

static void
apdu(char *const *hex)
{
	SCARDCONTEXT context = context_new();
	char reader[NAME_MAX_];
	SCARDHANDLE card;
	DWORD protocol;

	reader_get(context, reader);
	check(SCardConnect(context, reader, SCARD_SHARE_SHARED,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol),
	    "SCardConnect");
	for (; *hex != NULL; hex++)
		transmit(card, protocol, *hex);
	(void)SCardDisconnect(card, SCARD_LEAVE_CARD);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "usb") == 0)
		usb();
	else if (strcmp(what, "name") == 0)
		name();
	else if (strcmp(what, "state") == 0)
		past(-1);
	else if (strcmp(what, "past") == 0 && argc > 2)
		past(atol(argv[2]));
	else if (strcmp(what, "apdu") == 0)
		apdu(argv + 2);
	else
		return 2;
	return EXIT_SUCCESS;
}
