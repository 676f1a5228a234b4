/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Status words, ISO 7816-4 §5.6. A struct, so that a handler cannot answer
 * with an errno by mistake.
 */
#ifndef VSCARD_CARD_ISO_SW_H
#define VSCARD_CARD_ISO_SW_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint16_t v;
} sw_t;

#define SW(value) ((sw_t){value})
#define SW_OK SW(0x9000)
#define SW_TERMINATED SW(0x6285)
#define SW_MEMORY SW(0x6581) /* what should be kept could not be */
#define SW_LENGTH SW(0x6700)
#define SW_CHANNEL SW(0x6881)
#define SW_SECURE_MESSAGING SW(0x6882)
#define SW_CHAIN SW(0x6883) /* the last command of a chain expected */
#define SW_SECURITY SW(0x6982)
#define SW_BLOCKED SW(0x6983)
#define SW_DATA_INVALID SW(0x6984)
#define SW_CONDITIONS SW(0x6985)
#define SW_NOT_ALLOWED SW(0x6986)
#define SW_DATA SW(0x6A80)
#define SW_FUNCTION SW(0x6A81)
#define SW_NOT_FOUND SW(0x6A82)
#define SW_NO_SPACE SW(0x6A84)
#define SW_P1P2 SW(0x6A86)
#define SW_REFERENCE SW(0x6A88)
#define SW_OFFSET SW(0x6B00)
#define SW_INS SW(0x6D00)
#define SW_CLA SW(0x6E00)
#define SW_INTERNAL SW(0x6F00)

/* 63Cx: wrong, and so many tries are left; more than 15 show as 15. */
sw_t sw_tries(unsigned left);
bool sw_is(sw_t, sw_t);
/* Success or a warning (9000, 61xx, 62xx, 63xx, 91xx): data may go with it. */
bool sw_has_data(sw_t);

#endif
