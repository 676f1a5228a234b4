/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "tests/unit/piv_script.h"

#define FF8 "FFFFFFFFFFFFFFFF"
#define PIN "313233343536FFFF"
#define PUK "3132333435363738"
#define OTHER "363534333231FFFF"

START_TEST(a_pin_is_verified_and_forgotten)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00200080", "63C3");
	script_is(&s, "0020008008" PIN, "9000");
	script_is(&s, "00200080", "9000");
	script_is(&s, "0020FF80", "9000");
	script_is(&s, "00200080", "63C3");
	script_is(&s, "0020008008" PIN, "9000");
	/* A wrong one takes away what the right one gave. */
	script_is(&s, "0020008008" OTHER, "63C2");
	script_is(&s, "00200080", "63C2");
	script_clear(&s);
}
END_TEST

START_TEST(three_wrong_ones_block_it)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "0020008008" OTHER, "63C2");
	script_is(&s, "0020008008" PIN, "9000");
	script_is(&s, "0020008008" OTHER, "63C2");
	script_is(&s, "0020008008" OTHER, "63C1");
	script_is(&s, "0020008008" OTHER, "63C0");
	script_is(&s, "0020008008" PIN, "6983");
	script_is(&s, "00200080", "63C0");
	script_is(&s, "00F70080",
	    "0101FF0501010602030"
	    "09000");
	/* And no other session changes that. */
	piv_again(&s);
	script_is(&s, "0020008008" PIN, "6983");
	script_is(&s, "0024008010" PIN OTHER, "6983");
	script_clear(&s);
}
END_TEST

/* How clients block a card that they are going to reset. */
START_TEST(an_empty_pin_counts)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "0020008008" FF8, "63C2");
	script_is(&s, "0020008008" FF8, "63C1");
	script_is(&s, "0020008008" FF8, "63C0");
	script_is(&s, "0020008008" FF8, "6983");
	script_is(&s, "002C008010" FF8 FF8, "63C2");
	script_is(&s, "002C008010" FF8 FF8, "63C1");
	script_is(&s, "002C008010" FF8 FF8, "63C0");
	script_is(&s, "002C008010" FF8 FF8, "6983");
	script_clear(&s);
}
END_TEST

START_TEST(a_length_that_cannot_be_does_not_count)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "0020008007 31323334353637", "6A80");
	script_is(&s, "0020008009 313233343536373839", "6A80");
	script_is(&s, "00200080", "63C3");
	script_clear(&s);
}
END_TEST

START_TEST(the_pin_is_changed)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00F70080",
	    "0101FF0501010602030"
	    "39000");
	script_is(&s, "0020008008" PIN, "9000");
	/* A wrong one is a wrong one here too. */
	script_is(&s, "0024008010" OTHER OTHER, "63C2");
	script_is(&s, "00200080", "63C2");
	script_is(&s, "0024008010" PIN OTHER, "9000");
	script_is(&s, "00F70080",
	    "0101FF0501000602030"
	    "39000");
	piv_again(&s);
	script_is(&s, "0020008008" PIN, "63C2");
	script_is(&s, "0020008008" OTHER, "9000");
	script_clear(&s);
}
END_TEST

START_TEST(the_puk_is_changed)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "0024008110" PUK OTHER, "9000");
	script_is(&s, "002C008010" PUK OTHER, "63C2");
	script_is(&s, "002C008010" OTHER PIN, "9000");
	script_is(&s, "00F70081",
	    "0101FF0501000602030"
	    "39000");
	script_clear(&s);
}
END_TEST

START_TEST(a_new_pin_is_six_to_eight_bytes)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "0024008010" PIN "3132333435FFFFFF", "6A80");
	script_is(&s, "0024008010" PIN "31323334FF3536FF", "6A80");
	script_is(&s, "0024008010" PIN FF8, "6A80");
	script_is(&s, "0024008010" PIN "313233343536FF37", "6A80");
	script_is(&s, "002C008010" PUK FF8, "6A80");
	script_is(&s, "00200080", "63C3");
	script_is(&s, "0024008010" PIN "00C3A4616263FFFF", "9000");
	script_is(&s,
	    "0024008010"
	    "00C3A4616263FFFF" PUK,
	    "9000");
	script_is(&s, "0020008008" PUK, "9000");
	script_clear(&s);
}
END_TEST

START_TEST(the_puk_unblocks_the_pin)
{
	struct script s;

	piv_begin(&s);
	for (int i = 0; i < 4; i++)
		script_send(&s, "0020008008" OTHER);
	script_is(&s, "002C008010" OTHER OTHER, "63C2");
	script_is(&s, "002C008010" PUK OTHER, "9000");
	script_is(&s, "00F70081",
	    "0101FF0501010602030"
	    "39000");
	script_is(&s, "00200080", "63C3");
	script_is(&s, "0020008008" OTHER, "9000");
	/* Who has only the PUK has proved nothing yet. */
	script_is(&s, "002C008010" PUK PIN, "9000");
	script_is(&s, "00200080", "63C3");
	script_clear(&s);
}
END_TEST

START_TEST(a_blocked_puk_unblocks_nothing)
{
	struct script s;

	piv_begin(&s);
	for (int i = 0; i < 3; i++)
		script_send(&s, "002C008010" OTHER OTHER);
	script_is(&s, "002C008010" PUK OTHER, "6983");
	script_is(&s, "0024008110" PUK OTHER, "6983");
	script_is(&s, "00F70081",
	    "0101FF0501010602030"
	    "09000");
	script_is(&s, "0020008008" PIN, "9000");
	script_clear(&s);
}
END_TEST

START_TEST(the_tries_are_set)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "0024008010" PIN OTHER, "9000");
	piv_admin(&s);
	script_is(&s, "00FA0520", "6982");
	script_is(&s, "0020008008" OTHER, "9000");
	script_is(&s, "00FA0520", "9000");
	/* Both secrets are those of a new card. */
	script_is(&s, "00200080", "63C5");
	script_is(&s, "00F70081",
	    "0101FF05010106022020"
	    "9000");
	script_is(&s, "0020008008" PIN, "9000");
	script_is(&s, "0020008008" OTHER, "63C4");
	script_is(&s, "002C008010" OTHER OTHER, "63CF");
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_pin", a_pin_is_verified_and_forgotten,
    three_wrong_ones_block_it, an_empty_pin_counts,
    a_length_that_cannot_be_does_not_count, the_pin_is_changed,
    the_puk_is_changed, a_new_pin_is_six_to_eight_bytes,
    the_puk_unblocks_the_pin, a_blocked_puk_unblocks_nothing, the_tries_are_set)
