/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "util/record.h"

static struct record_line line;

static void
sample(void)
{
	record_begin(&line, "slot");
	record_number(&line, "lun", 65536);
	record_text(&line, "name", "My 100% \xc3\xa9=\n reader");
	record_text(&line, "none", "");
	record_bytes(&line, "atr", "\x3b\x00\xff", 3);
	record_number(&line, "most", UINT64_MAX);
}

START_TEST(writes_what_it_says)
{
	struct buf buf;

	buf_init(&buf, RECORD_MAX);
	sample();
	ck_assert_int_eq(record_end(&line, &buf), 0);
	ck_assert_int_eq(buf_put(&buf, "", 1), 0);
	ck_assert_str_eq((const char *)buf_get(&buf),
	    "slot lun=65536 name=My%20100%25%20%C3%A9=%0A%20reader none= "
	    "atr=3B00FF most=18446744073709551615\n");
	buf_clear(&buf);
}
END_TEST

START_TEST(reads_what_it_wrote)
{
	struct record record;

	sample();
	line.text[line.len] = '\0';
	ck_assert_int_eq(record_parse(line.text, &record), 0);
	ck_assert_str_eq(record.word, "slot");
	ck_assert_uint_eq(record.fields_len, 5);
	ck_assert_uint_eq(record_get_number(&record, "lun", 7), 65536);
	ck_assert_str_eq(
	    record_get(&record, "name"), "My 100% \xc3\xa9=\n reader");
	ck_assert_str_eq(record_get(&record, "none"), "");
	ck_assert_str_eq(record_get(&record, "atr"), "3B00FF");
	ck_assert_ptr_null(record_get(&record, "nam"));
	ck_assert_uint_eq(record_get_number(&record, "atr", 7), 7);
	ck_assert_uint_eq(record_get_number(&record, "none", 7), 7);
	ck_assert_uint_eq(record_get_number(&record, "most", 7), 7);
}
END_TEST

/* All or nothing: what does not fit leaves the buffer as it was. */
START_TEST(too_much_is_left_out)
{
	static char big[RECORD_MAX];
	struct buf buf;

	buf_init(&buf, 16);
	memset(big, 'x', sizeof(big) - 1);
	record_begin(&line, "a");
	record_text(&line, "b", big);
	ck_assert_int_eq(record_end(&line, &buf), -EMSGSIZE);
	record_begin(&line, "a");
	record_bytes(&line, "b", big, sizeof(big) / 2);
	ck_assert_int_eq(record_end(&line, &buf), -EMSGSIZE);
	record_begin(&line, "a");
	record_text(&line, "b", "0123456789abcdef");
	ck_assert_int_eq(record_end(&line, &buf), -ENOMEM);
	ck_assert_uint_eq(buf_len(&buf), 0);
	/* "a b=" and the newline: one byte more would not fit. */
	big[RECORD_MAX - 5] = '\0';
	buf_clear(&buf);
	buf_init(&buf, RECORD_MAX);
	record_begin(&line, "a");
	record_text(&line, "b", big);
	ck_assert_int_eq(record_end(&line, &buf), 0);
	ck_assert_uint_eq(buf_len(&buf), RECORD_MAX);
	buf_clear(&buf);
}
END_TEST

static const char *const good[] = {
    "a", "end", "a b=", "a b=c", "a b==", "a b=%FF%01", "x-1 y-2=%25"};

static const char *const bad[] = {"", " ", "a ", " a", "a  b=1", "A", "a_b",
    "a b", "a =1", "a B=1", "a b=1 b=2", "a b=%", "a b=%4", "a b=%4g",
    "a b=%00", "a b=%4a", "a b=\t", "a b=\xc3\xa9", "a b=\x7f", "a\n",
    ("a 0=0 1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 9=9 a=a b=b c=c d=d e=e f=f g=g "
     "h=h i=i j=j k=k l=l m=m n=n o=o p=p q=q r=r s=s t=t u=u v=v w=w")};

START_TEST(good_and_bad_lines)
{
	struct record record, untouched;
	char text[256];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(text, sizeof(text), "%s", good[i]);
		ck_assert_msg(
		    record_parse(text, &record) == 0, "'%s' is bad", good[i]);
	}
	memset(&record, 0x5a, sizeof(record));
	untouched = record;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "%s", bad[i]);
		ck_assert_msg(record_parse(text, &record) == -EINVAL,
		    "'%s' is good", bad[i]);
		ck_assert_mem_eq(&record, &untouched, sizeof(record));
	}
}
END_TEST

START_TEST(mutations_do_no_harm)
{
	static const char text[] = "slot lun=65536 name=My%20reader atr=3B00";
	unsigned seed = 1;

	for (int i = 0; i < 20000; i++) {
		char copy[sizeof(text)];
		struct record record;

		memcpy(copy, text, sizeof(text));
		for (int k = 0; k < 3; k++) {
			seed = seed * 1103515245u + 12345u;
			copy[(seed >> 8) % (sizeof(text) - 1)] =
			    (char)(seed >> 24);
		}
		if (record_parse(copy, &record) < 0)
			continue;
		ck_assert_uint_le(record.fields_len, RECORD_FIELDS_MAX);
		for (size_t k = 0; k < record.fields_len; k++)
			ck_assert_uint_lt(strlen(record.fields[k].key) +
					      strlen(record.fields[k].value),
			    sizeof(text));
	}
}
END_TEST

UNIT_SUITE("record", writes_what_it_says, reads_what_it_wrote,
    too_much_is_left_out, good_and_bad_lines, mutations_do_no_harm)
