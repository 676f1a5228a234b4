/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What cannot be brought about beside a real pcscd: checks with the facts
 * that they would see then. The rest is in tests/system.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/checks.h"

static struct doctor doctor;

static void
look(const char *id)
{
	for (size_t i = 0; i < checks_len; i++)
		if (strcmp(checks[i].id, id) == 0) {
			doctor.id = id;
			checks[i].look(&doctor);
			return;
		}
	ck_abort_msg("no check %s", id);
}

static void
clear(void)
{
	for (size_t i = 0; i < doctor.findings_len; i++) {
		free(doctor.findings[i].what);
		for (size_t k = 0; k < doctor.findings[i].mends_len; k++)
			free(doctor.findings[i].mends[k]);
	}
	free(doctor.findings);
	memset(&doctor, 0, sizeof(doctor));
}

static void
found(const char *id, const char *word)
{
	look(id);
	ck_assert_uint_eq(doctor.findings_len, 1);
	ck_assert_str_eq(doctor.findings[0].id, id);
	ck_assert(!doctor.findings[0].hint);
	ck_assert_ptr_nonnull(strstr(doctor.findings[0].what, word));
	ck_assert_uint_ge(doctor.findings[0].mends_len, 1);
	clear();
}

START_TEST(policy_and_silence)
{
	doctor.pcsc.answer = PCSC_DENIED;
	found("pcscd-denied", "polkit");
	doctor.pcsc.answer = PCSC_SILENT;
	found("pcscd-silent", "5 s");
	doctor.pcsc.answer = PCSC_FAILED;
	found("pcscd-silent", "does not speak");
	doctor.pcsc.answer = PCSC_GOOD;
	look("pcscd-denied");
	look("pcscd-silent");
	ck_assert_uint_eq(doctor.findings_len, 0);
}
END_TEST

START_TEST(too_many_readers)
{
	char device[] = "/etc/vscard/many.conf";
	struct state_endpoint endpoint = {.device = device};
	struct state_reader readers[17] = {{.has_lun = true}};

	for (int i = 0; i < 16; i++)
		readers[i].has_lun = true;
	doctor.state.endpoints = &endpoint;
	doctor.state.endpoints_len = 1;
	doctor.state.readers = readers;
	doctor.state.readers_len = 16;
	look("readers-missing");
	ck_assert_uint_eq(doctor.findings_len, 0);
	doctor.state.readers_len = 17;
	found("readers-missing", "1 of 17 readers");
}
END_TEST

/* A name that peers make up is in what is printed. */
START_TEST(findings_are_clean)
{
	strcpy(doctor.pcsc.held, "evil \033[2J reader");
	look("card-held");
	ck_assert_ptr_null(strchr(doctor.findings[0].what, '\033'));
	for (size_t i = 0; i < doctor.findings[0].mends_len; i++)
		ck_assert_ptr_null(strchr(doctor.findings[0].mends[i], '\033'));
	clear();
}
END_TEST

/* A machine started at 1000.3, its pcscd 49.9 s later, seen at many moments. */
START_TEST(no_moment_makes_a_file_too_young)
{
	const int64_t tenth = 100000000, machine = 10003;

	for (int64_t up = 499; up < 550; up++) {
		const struct timespec since = {
		    .tv_sec = up / 10, .tv_nsec = up % 10 * tenth};
		const struct timespec now = {.tv_sec = (machine + up) / 10,
		    .tv_nsec = (machine + up) % 10 * tenth};

		ck_assert_int_eq(pcscd_started(&now, &since, 4990, 100), 1051);
		ck_assert_int_eq(pcscd_started(&now, &since, 4970, 100), 1050);
		ck_assert_int_eq(pcscd_started(&now, &since, 4969, 100), 1050);
		ck_assert_int_eq(pcscd_started(&now, &since, 4971, 100), 1051);
	}
}
END_TEST

START_TEST(nothing_has_started_in_the_future)
{
	const struct timespec now = {.tv_sec = 1000}, up = {.tv_sec = 50};

	ck_assert_int_eq(pcscd_started(&now, &up, 5000, 100), 1000);
	ck_assert_int_eq(pcscd_started(&now, &up, 5100, 100), 0);
	ck_assert_int_eq(pcscd_started(&now, &up, ~0ULL / 100, 100), 0);
	ck_assert_int_eq(pcscd_started(&now, &up, ~0ULL, 100), 0);
}
END_TEST

START_TEST(names_are_for_scripts)
{
	for (size_t i = 0; i < checks_len; i++) {
		ck_assert_uint_eq(
		    strspn(checks[i].id, "abcdefghijklmnopqrstuvwxyz-"),
		    strlen(checks[i].id));
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(checks[i].id, checks[k].id);
	}
}
END_TEST

UNIT_SUITE("doctor", policy_and_silence, too_many_readers, findings_are_clean,
    no_moment_makes_a_file_too_young, nothing_has_started_in_the_future,
    names_are_for_scripts)
