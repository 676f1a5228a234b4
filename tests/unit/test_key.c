/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole key: its file, and what it gets from the system. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card/core/identity.h"
#include "card/keyfile.h"
#include "tests/unit/net.h"

static char dir[32];
static char path[64];

static const struct keyfile_setup nobody = {.passphrase = NULL};

static void
place_init(void)
{
	net_dir_make(dir);
	snprintf(path, sizeof(path), "%s/a.key", dir);
}

static void
place_clear(void)
{
	unlink(path);
	net_dir_remove(dir);
}

static uint32_t
serial(struct keyfile *k)
{
	struct identity id;

	ck_assert_int_eq(identity_get(&k->env, &id), 0);
	return id.serial;
}

/* It answers: SELECT of PIV. */
static void
check_answers(struct keyfile *k)
{
	static const uint8_t select[] = {0, 0xA4, 4, 0, 5, 0xA0, 0, 0, 3, 8};
	uint8_t response[258];
	const uint8_t *atr;
	size_t len;

	card_reset(k->card, &atr, &len);
	ck_assert_int_eq(card_transmit(k->card, select, sizeof(select),
	    response, sizeof(response), &len), 0);
	ck_assert_uint_gt(len, 2);
	ck_assert_uint_eq(response[len - 2], 0x90);
	card_power_down(k->card);
}

START_TEST(made_and_opened)
{
	struct store_why why = {""};
	struct identity id;
	struct keyfile *k;
	struct stat st;
	uint32_t number;

	place_init();
	ck_assert_int_eq(keyfile_open(path, &nobody, &k, &why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why.text, path));
	ck_assert_int_eq(keyfile_create(path, &nobody, NULL, "My key", &k,
	    &why), 0);
	check_answers(k);
	number = serial(k);
	keyfile_free(k);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(keyfile_create(path, &nobody, NULL, "", &k, &why),
	    -EEXIST);
	ck_assert_int_eq(keyfile_open(path, &nobody, &k, &why), 0);
	ck_assert_uint_eq(serial(k), number);
	ck_assert_int_eq(identity_get(&k->env, &id), 0);
	ck_assert_str_eq(id.name, "My key");
	check_answers(k);
	keyfile_free(k);
	place_clear();
}
END_TEST

START_TEST(one_user_at_a_time)
{
	struct store_why why = {""};
	struct keyfile *k, *other;
	char owner[32];

	place_init();
	ck_assert_int_eq(keyfile_create(path, &nobody, NULL, "", &k, &why), 0);
	ck_assert_int_eq(keyfile_open(path, &nobody, &other, &why), -EBUSY);
	snprintf(owner, sizeof(owner), "process %d ", (int)getpid());
	ck_assert_msg(strstr(why.text, owner) != NULL, "%s", why.text);
	keyfile_free(k);
	place_clear();
}
END_TEST

/* Whoever made it was killed before the card had its first records. */
START_TEST(a_file_without_a_card_gets_one)
{
	struct store_why why = {""};
	struct store *store;
	struct keyfile *k;
	uint32_t number;

	place_init();
	ck_assert_int_eq(store_create(path, NULL, NULL, &store, &why), 0);
	store_free(store);
	ck_assert_int_eq(keyfile_open(path, &nobody, &k, &why), 0);
	check_answers(k);
	number = serial(k);
	keyfile_free(k);
	ck_assert_int_eq(keyfile_open(path, &nobody, &k, &why), 0);
	ck_assert_uint_eq(serial(k), number);
	keyfile_free(k);
	place_clear();
}
END_TEST

START_TEST(a_name_that_is_none_leaves_no_file)
{
	struct store_why why = {""};
	struct keyfile *k;

	place_init();
	ck_assert_int_eq(keyfile_create(path, &nobody, NULL, "\xff", &k, &why),
	    -EINVAL);
	ck_assert_int_lt(access(path, F_OK), 0);
	place_clear();
}
END_TEST

START_TEST(format_forgets_all_but_the_name)
{
	struct identity id;
	struct keyfile *k;
	uint32_t number;

	ck_assert_int_eq(keyfile_new(&nobody, "My key", &k), 0);
	number = serial(k);
	ck_assert_int_eq(keyfile_format(k), 0);
	ck_assert_int_eq(identity_get(&k->env, &id), 0);
	ck_assert_uint_ne(id.serial, number);
	ck_assert_str_eq(id.name, "My key");
	check_answers(k);
	keyfile_free(k);
}
END_TEST

static int
on_touch(void *ctx, const char *what)
{
	const char **asked = ctx;

	*asked = what;
	return 0;
}

START_TEST(touch_is_whose_it_is)
{
	const char *asked = "";
	const struct keyfile_setup setup = {.touch = on_touch, .ctx = &asked};
	struct keyfile *k;

	ck_assert_int_eq(keyfile_new(&nobody, "", &k), 0);
	ck_assert_int_eq(k->env.ops->touch(k->env.ctx, "this"), 1);
	keyfile_free(k);
	ck_assert_int_eq(keyfile_new(&setup, "", &k), 0);
	ck_assert_int_eq(k->env.ops->touch(k->env.ctx, "this"), 0);
	ck_assert_str_eq(asked, "this");
	keyfile_free(k);
}
END_TEST

UNIT_SUITE("key", made_and_opened, one_user_at_a_time,
    a_file_without_a_card_gets_one, a_name_that_is_none_leaves_no_file,
    format_forgets_all_but_the_name, touch_is_whose_it_is)
