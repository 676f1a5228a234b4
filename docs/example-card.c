/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A smart card on libvscard: an application that says hello once selected.
 *
 *	cc -o example-card example-card.c $(pkg-config --cflags --libs libvscard)
 *	vscard-run --card exec:./example-card -- opensc-tool \
 *	    -s 00:A4:04:00:05:F0:63:61:72:64 -s 80:10:00:00:00
 */
#include <string.h>
#include <unistd.h>
#include <vscard.h>

static const unsigned char atr[] = {0x3b, 0x04, 'c', 'a', 'r', 'd'};
static const unsigned char select_card[] = {0x00, 0xa4, 0x04, 0x00, 0x05, 0xf0,
    'c', 'a', 'r', 'd'};
static const unsigned char hello[] = {0x80, 0x10, 0x00, 0x00};

/* Carries out a command: a text, and the status word. */
static unsigned
run(const unsigned char *command, size_t len, int *selected, const char **text)
{
	if (len < 4)
		return 0x6700;
	if (command[1] == 0xa4) {
		*selected = len >= sizeof(select_card) && memcmp(command,
		    select_card, sizeof(select_card)) == 0;
		return *selected ? 0x9000 : 0x6a82;
	}
	if (memcmp(command, hello, sizeof(hello)) != 0)
		return 0x6d00;
	if (!*selected)
		return 0x6985;
	*text = "hello";
	return 0x9000;
}

static int
on_event(struct vscard_session *s, const struct vscard_event *ev, int *selected)
{
	int up = ev->code != VSCARD_POWER_DOWN;
	const char *text = "";
	unsigned char out[64];
	unsigned sw;
	size_t n;

	if (ev->type == VSCARD_EVENT_POWER) {
		*selected = 0;
		return vscard_session_answer_power(s, ev->reader,
		    VSCARD_STATUS_OK, up ? atr : NULL, up ? sizeof(atr) : 0);
	}
	if (ev->type != VSCARD_EVENT_APDU)
		return 0;
	sw = run(ev->data, ev->len, selected, &text);
	n = strlen(text);
	memcpy(out, text, n);
	out[n] = (unsigned char)(sw >> 8);
	out[n + 1] = (unsigned char)sw;
	return vscard_session_send_apdu(s, ev->reader, out, n + 2);
}

int
main(void)
{
	struct vscard_limits limits;
	struct vscard_session *s;
	struct vscard_event ev;
	int selected = 0;
	unsigned reader;
	const void *out;
	size_t len;
	void *in;
	long n;

	vscard_limits_init(&limits);
	limits.capabilities = VSCARD_CAP_POWER | VSCARD_CAP_NAME;
	if (vscard_session_new(VSCARD_ROLE_CLIENT, &limits, &s) < 0 ||
	    vscard_session_add_reader(s, "Example", &reader) < 0 ||
	    vscard_session_insert_card(s, reader, atr, sizeof(atr)) < 0)
		return 1;
	do { /* the connection is descriptor 3 */
		while ((out = vscard_session_pending(s, &len)) != NULL)
			if ((n = write(3, out, len)) > 0)
				vscard_session_sent(s, (size_t)n);
			else
				return 1;
		if (vscard_session_space(s, &in, &len) < 0)
			return 1;
		if ((n = read(3, in, len)) > 0)
			vscard_session_fed(s, (size_t)n);
		while (vscard_session_next(s, &ev) == 1)
			if (on_event(s, &ev, &selected) < 0)
				return 1;
	} while (n > 0);
	vscard_session_free(&s);
	return 0;
}
