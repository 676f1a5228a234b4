/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Applications that do nothing useful, to see what the card makes of them.
 *
 * toy_app, AID F001020304 05 06, five bytes or more:
 *   00 10 00 00 data    echo
 *   80 10 00 00 data    echo, of at most 300 bytes
 *   00 11 hh ll         hhll bytes 00 01 02 …
 *   00 12 00 01 4…8     needs TOY_PROVED: echo
 *   00 20 00 80         63C3, or 9000 if proved
 *   00 20 00 80 8 bytes proves
 *   00 30 sw1 sw2       that status word, with data AB
 *   00 40 00 00         selected, again, deselected, powered: how often
 *   00 50 00 00         asks for random numbers
 *   00 51 00 00         more than an answer may hold
 * file_app, F0 02: A4 00 0C with two bytes; A5 is another GET RESPONSE, and
 *   00 11 and 00 40 as above
 * serial_app, F0 03 00 00 00 00 and its serial number 12345678: SELECT says
 *   6285 with data
 * broken_app, F0 04: SELECT says 6F00
 */
#ifndef TESTS_TOY_H
#define TESTS_TOY_H

#include "card/core/app.h"

enum { TOY_PROVED = 1, TOY_APPS = 4 };

extern const struct app_ops toy_app, file_app, serial_app, broken_app;
extern const struct app_ops *const toy_apps[TOY_APPS];

#endif
