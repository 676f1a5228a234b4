/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stock host, scripted: what QEMU's ccid-card-passthru answers, checking
 * byte for byte what a client says. The calls fail the running test as
 * script.h says.
 */
#ifndef TESTS_FAKES_STOCK_HOST_H
#define TESTS_FAKES_STOCK_HOST_H

#include "tests/fakes/script.h"

/*
 * Exchanges Inits. The client's may offer capabilities; the answer has none.
 */
void stock_host_greet_at(const char *here, int fd);
/* Accepts a client on a listener of script_listen, and greets it. */
int stock_host_open_at(const char *here, int listener);
/* Hears ReaderRemove(0), then acknowledges it. */
void stock_host_clear_at(const char *here, int fd);
/* Hears ReaderAdd and gives the reader this id. */
void stock_host_add_at(const char *here, int fd, uint32_t id);
/* Hears the card's ATR for that id and acknowledges. */
void stock_host_atr_at(const char *here, int fd, uint32_t id, const char *atr);
/* Sends a command and hears the response. */
void stock_host_ask_at(const char *here, int fd, uint32_t id,
    const char *command, const char *response);
/* Hears CardRemove, then ReaderRemove, acknowledging each. */
void stock_host_leave_at(const char *here, int fd, uint32_t id);

#define stock_host_greet(fd) stock_host_greet_at(HERE, fd)
#define stock_host_open(listener) stock_host_open_at(HERE, listener)
#define stock_host_clear(fd) stock_host_clear_at(HERE, fd)
#define stock_host_add(fd, id) stock_host_add_at(HERE, fd, id)
#define stock_host_atr(fd, id, atr) stock_host_atr_at(HERE, fd, id, atr)
#define stock_host_ask(fd, id, c, r) stock_host_ask_at(HERE, fd, id, c, r)
#define stock_host_leave(fd, id) stock_host_leave_at(HERE, fd, id)

#endif
