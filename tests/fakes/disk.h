/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file layer for SQLite ("disk") on top of its own, whose power can be cut:
 * what was not synced is then there in part, in any part, or not at all. Its
 * operations (write, truncate, sync, open, delete) can also be made to fail. It
 * syncs nothing for real, so it is fast.
 */
#ifndef TESTS_FAKES_DISK_H
#define TESTS_FAKES_DISK_H

#define DISK_VFS "disk"

/* Registers it with SQLite; once a process. */
void disk_init(void);
/* Forgets all files and orders, and counts from 0. */
void disk_reset(void);
/* Operations since disk_reset. */
unsigned disk_count(void);
/* The nth operation from now on (1: the next) fails with SQLite's code err. */
void disk_fail(unsigned nth, int err);
/* It and all that follow. */
void disk_fail_on(unsigned nth, int err);
/* The power goes in the nth operation from now on. */
void disk_cut(unsigned nth);
/* Nothing fails any more. */
void disk_mend(void);
/*
 * What is in the files when the power is back; seed decides what became of all
 * that was not synced. The files must have been closed.
 */
void disk_recover(unsigned seed);

#endif
