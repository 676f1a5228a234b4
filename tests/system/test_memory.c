/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What our processes still have in their memory when a key was used: no PIN,
 * no passphrase and no administration key at any time when nothing is under
 * way, and no private key once the session has ended. The host is this test,
 * so that nobody else's buffers are in between.
 */
#include "tests/system/system.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card/crypto/block.h"
#include "card/crypto/keypair.h"
#include "card/iso/tlv.h"
#include "card/store/store_self.h"
#include "net/conn.h"
#include "net/stream.h"
#include "tests/fakes/child.h"
#include "tests/system/memory.h"
#include "tests/unit/rsa_keys.h"
#include "util/hex.h"

enum { COMMAND_MAX = 2048, PROCESSES_MAX = 8, DEADLINE = 20000 };

enum { PIN_LEN = 8, ADMIN_LEN = 32 };

/* A vscclient with a key, and what it must not remember. */
struct bench {
	struct child client;
	pid_t processes[PROCESSES_MAX];
	size_t count;
	struct conn host;
	uint8_t answer[VSCARD_RESPONSE_MAX];
	size_t len;
	const char *file;
	char passphrase[32]; /* or "" */
	uint8_t pin[PIN_LEN], old_pin[PIN_LEN], puk[PIN_LEN];
	uint8_t admin[ADMIN_LEN];
	uint8_t scalar[32], seed[32]; /* imported: P-256, Ed25519 */
	struct memory never;          /* what nobody ever has */
	struct memory no_more;        /* after the session */
};

/* --- the host ------------------------------------------------------------- */

static void
await(struct bench *b, enum vscard_event_type type, struct vscard_event *out)
{
	int rc;

	do {
		rc = vscard_session_next(b->host.session, out);
		if (rc == 0) {
			ck_assert_int_eq(conn_flush(&b->host), 0);
			ck_assert_int_eq(conn_recv(&b->host, true), 0);
		}
		ck_assert_int_ge(rc, 0);
		if (rc == 1 && out->type == VSCARD_EVENT_APDU_FAILED)
			script_fail(HERE, "the card does not answer");
	} while (rc == 0 || out->type != type);
}

static uint16_t
transmit(struct bench *b, const uint8_t *command, size_t len)
{
	struct vscard_event ev;

	ck_assert_int_eq(
	    vscard_session_send_apdu(b->host.session, 0, command, len), 0);
	await(b, VSCARD_EVENT_APDU, &ev);
	ck_assert_uint_ge(ev.len, 2);
	memcpy(b->answer, ev.data, ev.len);
	b->len = ev.len - 2;
	return (uint16_t)(b->answer[b->len] << 8 | b->answer[b->len + 1]);
}

/* An extended APDU; everything but success fails the test. */
static void
tell_at(
    struct bench *b, int line, const char *header, const void *data, size_t len)
{
	uint8_t command[COMMAND_MAX];
	struct wr wr;
	int n = hex_get(header, command, 4);
	uint16_t sw;

	ck_assert_int_eq(n, 4);
	wr_init(&wr, command, sizeof(command));
	wr.len = 4;
	wr_u8(&wr, 0);
	if (len > 0) {
		wr_be16(&wr, len);
		wr_bytes(&wr, data, len);
	}
	wr_be16(&wr, 0);
	ck_assert_int_ge(wr_end(&wr), 0);
	sw = transmit(b, command, wr.len);
	if (sw != 0x9000)
		script_fail(HERE, "line %d: %s: %04x", line, header, sw);
}

/* The same in parts. */
static void
tell_chained(
    struct bench *b, const char *header, const uint8_t *data, size_t len)
{
	const size_t part = 200;
	char more[16];

	for (snprintf(more, sizeof(more), "10%s", header + 2); len > part;
	     data += part, len -= part)
		tell_at(b, __LINE__, more, data, part);
	tell_at(b, __LINE__, header, data, len);
}

#define TELL(b, header, data, len) tell_at(b, __LINE__, header, data, len)

static void
tell_hex(struct bench *b, int line, const char *header, const char *hex)
{
	uint8_t data[COMMAND_MAX];
	int n = hex_get(hex, data, sizeof(data));

	ck_assert_int_ge(n, 0);
	tell_at(b, line, header, data, (size_t)n);
}

#define TELL_HEX(b, header, hex) tell_hex(b, __LINE__, header, hex)

/* When the second is answered, the client is done with the first. */
static void
power_down(struct bench *b)
{
	struct vscard_event ev;

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    vscard_session_power(b->host.session, 0, VSCARD_POWER_DOWN),
		    0);
		await(b, VSCARD_EVENT_POWER_DONE, &ev);
		ck_assert_uint_eq(ev.code, VSCARD_STATUS_OK);
	}
}

/* --- life ------------------------------------------------------------------ */

static void
add_children(struct bench *b, pid_t pid)
{
	const char *path =
	    system_text("/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *f = fopen(path, "re");
	int child;

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_lt(b->count, PROCESSES_MAX);
	b->processes[b->count++] = pid;
	while (fscanf(f, "%d", &child) == 1)
		add_children(b, child);
	fclose(f);
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	ck_assert(f != NULL && fprintf(f, "%s\n", text) > 0 && fclose(f) == 0);
}

/* Characters that no program says, and no two alike in a row. */
static void
invent(void *out, size_t len)
{
	static const char digits[] = "#%&+*~^|!?$@<>{}";
	uint8_t *text = out;

	ck_assert_int_eq(getrandom(text, len, 0), (ssize_t)len);
	for (size_t i = 0; i < len; i++)
		text[i] = (uint8_t)digits[text[i] % 8 + 8 * (i % 2)];
}

static void
start(struct bench *b, const char *spec)
{
	int listener = script_listen(system_socket("host"));
	struct vscard_limits limits;
	struct vscard_event ev;
	int fd;

	child_start(&b->client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("host"), "--card", spec);
	fd = script_accept(listener);
	close(listener);
	unlink(system_socket("host") + strlen("unix:"));
	vscard_limits_init(&limits);
	ck_assert_int_eq(stream_set_deadline(fd, DEADLINE), 0);
	ck_assert_int_eq(conn_init(&b->host, fd, VSCARD_ROLE_HOST, &limits), 0);
	await(b, VSCARD_EVENT_CARD_INSERT, &ev);
	b->count = 0;
	add_children(b, b->client.pid);
	ck_assert_uint_ge(b->count, 2);
}

static void
stop(struct bench *b)
{
	conn_clear(&b->host);
	child_kill(&b->client, SIGTERM);
	(void)child_wait(&b->client);
}

/* --- what is done with the key ---------------------------------------------- */

static void
prove(struct bench *b, const char *p1, enum block_cipher cipher,
    const uint8_t *key)
{
	uint8_t tell[4 + BLOCK_SIZE_MAX] = {0x7C, 0, 0x82};
	size_t size = block_size(cipher);

	TELL_HEX(b, system_text("0087%s9B", p1), "7C028100");
	ck_assert_uint_eq(b->len, 4 + size);
	tell[1] = (uint8_t)(2 + size);
	tell[3] = (uint8_t)size;
	ck_assert_int_eq(
	    block_encrypt(cipher, key, b->answer + 4, tell + 4), 0);
	TELL(b, system_text("0087%s9B", p1), tell, 4 + size);
}

static void
administer(struct bench *b)
{
	static const uint8_t born[24] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5,
	    6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t data[3 + ADMIN_LEN] = {0x0C, 0x9B, ADMIN_LEN};

	prove(b, "0A", BLOCK_AES192, born);
	memcpy(data + 3, b->admin, ADMIN_LEN);
	TELL(b, "00FFFFFF", data, sizeof(data));
	prove(b, "0C", BLOCK_AES256, b->admin);
}

static void
change(struct bench *b, const char *header, const char *from, const void *old,
    const uint8_t *to)
{
	uint8_t data[2 * PIN_LEN];

	memcpy(data, from != NULL ? (const void *)from : old, PIN_LEN);
	memcpy(data + PIN_LEN, to, PIN_LEN);
	TELL(b, header, data, sizeof(data));
}

/* All ways in which a PIN or PUK is told. */
static void
use_pins(struct bench *b)
{
	change(b, "00240080", "123456\xFF\xFF", NULL, b->old_pin);
	TELL(b, "00200080", b->old_pin, PIN_LEN);
	change(b, "00240081", "12345678", NULL, b->puk);
	change(b, "002C0080", NULL, b->puk, b->pin);
	TELL(b, "00200080", b->pin, PIN_LEN);
}

static void
import_rsa(struct bench *b, bool in_parts)
{
	uint8_t data[COMMAND_MAX], part[KEYPAIR_BYTES_MAX];
	const char *const parts[] = {rsa_keys[1].p, rsa_keys[1].q};
	struct wr wr;
	int n;

	wr_init(&wr, data, sizeof(data));
	for (unsigned i = 0; i < 2; i++) {
		n = hex_get(parts[i], part, sizeof(part));
		ck_assert_int_gt(n, 0);
		tlv_put(&wr, i + 1, part, (size_t)n);
	}
	ck_assert_int_ge(wr_end(&wr), 0);
	if (in_parts)
		tell_chained(b, "00FE079A", data, wr.len);
	else
		TELL(b, "00FE079A", data, wr.len);
}

static void
import_raw(struct bench *b, const char *header, uint8_t tag, uint8_t *key)
{
	uint8_t data[2 + 32] = {tag, 32};

	ck_assert_int_eq(getrandom(key, 32, 0), 32);
	key[0] &= 0x7F; /* below the order */
	memcpy(data + 2, key, 32);
	TELL(b, header, data, sizeof(data));
}

/* value: under that tag, and 82 for the answer. */
static void
use(struct bench *b, const char *alg_slot, uint8_t tag, const uint8_t *value,
    size_t len)
{
	uint8_t data[COMMAND_MAX];
	struct wr wr;
	size_t mark;

	TELL(b, "00200080", b->pin, PIN_LEN);
	wr_init(&wr, data, sizeof(data));
	mark = tlv_open(&wr, 0x7C);
	tlv_put(&wr, 0x82, NULL, 0);
	tlv_put(&wr, tag, value, len);
	tlv_close(&wr, mark);
	TELL(b, system_text("0087%s", alg_slot), data, wr.len);
}

/* Below every modulus. */
static const uint8_t block[256] = {0, 1, 0xFF, 0xFF};

static void
use_keys(struct bench *b)
{
	uint8_t point[32];

	TELL_HEX(b, "00470083", "AC038001E1");
	memcpy(point, b->answer + b->len - 32, 32);
	use(b, "079A", 0x81, block, 256);
	use(b, "069C", 0x81, block, 128);
	use(b, "119D", 0x81, block, 32);
	use(b, "149E", 0x81, block, 48);
	use(b, "E082", 0x81, block, 100);
	use(b, "E183", 0x85, point, 32);
	TELL(b, "00F99C00", NULL, 0);
	/* The longest of all: nothing that comes will lie over it. */
	import_rsa(b, false);
	/* The client is done with what came before. */
	TELL(b, "00FD0000", NULL, 0);
}

static void
make_keys(struct bench *b)
{
	import_rsa(b, true);
	TELL_HEX(b, "0047009C", "AC03800106");
	import_raw(b, "00FE119D", 0x06, b->scalar);
	TELL_HEX(b, "0047009E", "AC03800114");
	import_raw(b, "00FEE082", 0x07, b->seed);
}

/* --- what is looked for ------------------------------------------------------ */

static int
on_passphrase(void *ctx, struct buf *out)
{
	const struct bench *b = ctx;

	return buf_put(out, b->passphrase, strlen(b->passphrase));
}

/* The file belongs to the client, so it is a copy. */
static struct store *
open_copy(struct bench *b)
{
	struct store_options options = {.passphrase = on_passphrase, .ctx = b};
	const char *copy = system_text("%s/b.key", system_dir());
	const char *command = system_text("cp -p %s %s", b->file, copy);
	struct store_why why = {""};
	struct store *s;

	ck_assert_int_eq(system(command), 0);
	if (store_open(copy, &options, &s, &why) < 0)
		script_fail(HERE, "%s", why.text);
	return s;
}

static void
add_file_key(struct bench *b, struct store *s)
{
	uint8_t key[KEYSLOT_KEY];
	const uint8_t *slot;
	size_t len;

	ck_assert_int_eq(db_get(&s->db, STORE_SLOT, &slot, &len), 0);
	ck_assert_int_eq(
	    keyslot_open(slot, len, b->passphrase, strlen(b->passphrase), key),
	    0);
	memory_add(&b->never, "the file key", key, sizeof(key));
}

/* As keypair_save has it; of a curve, the number in front. */
static void
add_saved(struct bench *b, const char *name, enum keypair_alg alg,
    const uint8_t *saved, size_t len)
{
	size_t full = keypair_alg_bytes(alg), half = full / 2;

	memory_add(&b->no_more, name, saved, full);
	if (!keypair_is_rsa(alg))
		return;
	ck_assert_uint_eq(len, full + 5 * half);
	for (size_t at = full; at < len; at += half)
		memory_add(&b->no_more, name, saved + at, half);
}

static void
add_keys(struct bench *b, struct store *s)
{
	static const struct {
		uint8_t slot;
		enum keypair_alg alg;
		const char *name;
	} keys[] = {{0x9A, KEYPAIR_RSA2048, "an imported RSA key"},
	    {0x9C, KEYPAIR_RSA1024, "a generated RSA key"},
	    {0x9D, KEYPAIR_P256, "an imported P-256 key"},
	    {0x9E, KEYPAIR_P384, "a generated P-384 key"},
	    {0x82, KEYPAIR_ED25519, "an imported Ed25519 key"},
	    {0x83, KEYPAIR_X25519, "a generated X25519 key"},
	    {0xF9, KEYPAIR_P256, "the attestation key"}};
	const size_t header = 5; /* of a record */
	struct buf record;

	buf_init(&record, STORE_RECORD_MAX);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct place place = {STORE_PIV, 1, keys[i].slot};

		ck_assert_int_eq(store_get(s, place, &record), 0);
		add_saved(b, keys[i].name, keys[i].alg,
		    buf_get(&record) + header, buf_len(&record) - header);
	}
	buf_clear(&record);
	memory_add(&b->no_more, "an imported seed", b->seed, 32);
}

static void
add_words(struct bench *b)
{
	memory_add(&b->never, "the PIN", b->pin, PIN_LEN);
	memory_add(&b->never, "the PIN before", b->old_pin, PIN_LEN);
	memory_add(&b->never, "the PUK", b->puk, PIN_LEN);
	memory_add(&b->never, "the management key", b->admin, ADMIN_LEN);
}

static void
check_memory(struct bench *b, struct memory *secrets, const char *when)
{
	for (size_t i = 0; i < b->count; i++) {
		const char *found = memory_find(secrets, b->processes[i]);

		ck_assert_msg(*found == '\0', "%s, process %zu of %zu has:\n%s",
		    when, i + 1, b->count, found);
	}
}

/* A key in use is there: a search that never finds any proves nothing. */
static void
check_search(struct bench *b)
{
	const char *found;

	memory_add(&b->no_more, "a scalar", b->scalar, sizeof(b->scalar));
	found = memory_find(&b->no_more, b->processes[b->count - 1]);
	ck_assert_str_ne(found, "");
}

/* A session with all that there is to be kept from others. */
static void
try_all(struct bench *b)
{
	struct store *s;

	invent(b->pin, PIN_LEN);
	invent(b->old_pin, PIN_LEN);
	invent(b->puk, PIN_LEN);
	ck_assert_int_eq(getrandom(b->admin, ADMIN_LEN, 0), ADMIN_LEN);
	TELL_HEX(b, "00A40400", "A000000308");
	administer(b);
	use_pins(b);
	make_keys(b);
	use_keys(b);
	add_words(b);
	check_memory(b, &b->never, "In the session");
	check_search(b);
	power_down(b);
	s = open_copy(b);
	add_file_key(b, s);
	add_keys(b, s);
	store_free(s);
	check_memory(b, &b->never, "After power-down");
	check_memory(b, &b->no_more, "After power-down");
}

static struct bench *
bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	ck_assert_ptr_nonnull(b);
	memory_enter();
	memory_init(&b->never);
	memory_init(&b->no_more);
	b->file = system_text("%s/a.key", system_dir());
	return b;
}

START_TEST(nothing_stays_in_memory)
{
	struct bench *b = bench_new();

	start(b, system_text("key:%s", b->file));
	try_all(b);
	stop(b);
	free(b);
}
END_TEST

/* Neither where the file is made, nor where it is opened. */
START_TEST(nothing_stays_of_a_passphrase)
{
	struct bench *b = bench_new();
	const char *words = system_text("%s/words", system_dir());
	const char *spec =
	    system_text("key:%s,passphrase-file=%s", b->file, words);

	invent(b->passphrase, sizeof(b->passphrase) - 1);
	write_text(words, b->passphrase);
	ck_assert_int_eq(chmod(words, 0600), 0);
	memory_add(
	    &b->never, "the passphrase", b->passphrase, strlen(b->passphrase));
	start(b, spec);
	check_memory(b, &b->never, "With a new file");
	stop(b);
	start(b, spec);
	check_memory(b, &b->never, "With an old file");
	try_all(b);
	stop(b);
	free(b);
}
END_TEST

SYSTEM_SUITE("memory", 0, NULL, false, nothing_stays_in_memory,
    nothing_stays_of_a_passphrase)
