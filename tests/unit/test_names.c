/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "vscard/vscard.h"

/* Names 0 … last, all known and different; the one behind is unknown. */
#define CHECK_NAMES(function, type, last)                                      \
	do {                                                                   \
		for (int i = 0; i <= (int)(last); i++) {                       \
			const char *name = function((enum type)i);             \
			ck_assert_str_ne(name, "unknown");                     \
			for (int j = 0; j < i; j++)                            \
				ck_assert_str_ne(name,                         \
				    function((enum type)j));                   \
		}                                                              \
		ck_assert_str_eq(function((enum type)((last) + 1)),            \
		    "unknown");                                                \
		ck_assert_str_eq(function((enum type)-1), "unknown");          \
	} while (0)

START_TEST(every_constant_has_its_own)
{
	CHECK_NAMES(vscard_role_name, vscard_role, VSCARD_ROLE_CLIENT);
	CHECK_NAMES(vscard_power_name, vscard_power, VSCARD_POWER_RESET);
	CHECK_NAMES(vscard_status_name, vscard_status,
	    VSCARD_STATUS_UNSUPPORTED);
	CHECK_NAMES(vscard_bye_name, vscard_bye, VSCARD_BYE_LOOP);
	CHECK_NAMES(vscard_fault_name, vscard_fault, VSCARD_FAULT_MEMORY);
	CHECK_NAMES(vscard_oddity_name, vscard_oddity, VSCARD_ODDITY_COMMAND);
	CHECK_NAMES(vscard_event_name, vscard_event_type,
	    VSCARD_EVENT_FINISHED);
}
END_TEST

START_TEST(capabilities_too)
{
	for (uint32_t bit = 1; bit != 0; bit <<= 1) {
		const char *name = vscard_cap_name((enum vscard_cap)bit);

		ck_assert_int_eq(strcmp(name, "unknown") != 0,
		    (bit & VSCARD_CAP_ALL) != 0);
	}
}
END_TEST

UNIT_SUITE("names", every_constant_has_its_own, capabilities_too)
