/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's end of the control socket (net/control.h): one for the module,
 * on the hub's thread. Whoever is there can neither hold up a reader nor make
 * the driver grow: so many at a time, so many bytes, so much time.
 */
#ifndef VSCARD_IFD_CONTROL_H
#define VSCARD_IFD_CONTROL_H

#include "ifd/reader.h"

struct control;

enum {
	CONTROL_CLIENTS_MAX = 16,
	CONTROL_DEADLINE_MS = 10000,          /* from hello to the last byte */
	CONTROL_ANSWER_MAX = 4 * 1024 * 1024, /* bytes that wait to be sent */
	CONTROL_WATCH_MAX = 256 * 1024,       /* … for one who watches */
	CONTROL_DATA_MAX = 4096               /* bytes told of an APDU */
};

/*
 * Listens at control_path(). Without a socket the driver does as well: then
 * it says why in the log and returns NULL, which all the others take.
 */
struct control *control_new(struct hub *);
void control_free(struct control **);

/* A reader that is to be told of, until it is removed. Not on the hub. */
void control_add(struct control *, struct reader *);
void control_remove(struct control *, struct reader *);

#endif
