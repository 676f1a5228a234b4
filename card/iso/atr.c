/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/iso/atr.h"

const uint8_t atr_neutral[ATR_LEN] = {
    0x3B, 0x8F,             /* TD1 follows, 15 historical bytes */
    0x80, 0x01,             /* TD2 follows; T=1 */
    0x80,                   /* compact TLV */
    0x73, 0xC0, 0x21, 0xC0, /* capabilities: chaining, extended length */
    0xF9, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00,
    0x9E, /* TCK: with it the bytes behind the first add up to 0 by XOR */
};
