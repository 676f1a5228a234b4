/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trace file: an observer that writes what it hears as pcapng.
 *
 * A command is written together with its response, one beside the other,
 * because Wireshark takes a response for that of the last command: so they
 * belong together however many readers are busy at a time. Each write is one
 * system call into the page cache of a regular file.
 */
#ifndef VSCARD_TRACE_FILE_H
#define VSCARD_TRACE_FILE_H

#include <stdbool.h>

#include "trace/event.h"
#include "util/err.h"

enum { TRACE_FILE_SLOTS = 256 };

struct trace_file_setup {
	const char *path;
	const char *program; /* "vscclient 1.0" */
	const void *source;  /* whose events; others are not for this file */
	bool secrets;        /* write what mask.h would cover */
};

struct trace_file;

/*
 * Nothing of the setup is kept but the source. Why not is in *out_why, a
 * static text, as capture_open says.
 */
int trace_file_new(const struct trace_file_setup *,
    struct trace_file **out_file, const char **out_why) MUST_CHECK;
/* Writes what waits. *file may be NULL. */
void trace_file_free(struct trace_file **file);
/*
 * For tap_observer.on_event, or a program of one thread; arg: the file. The
 * caller sees to it that there is one call at a time. When the disk is full
 * the log is told once, and the file ends there.
 */
void trace_file_on_event(void *arg, const struct trace_event *);

#endif
