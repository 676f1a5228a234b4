/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace file of an entry of reader.conf, if it has one. */
#ifndef VSCARD_IFD_READER_TRACE_H
#define VSCARD_IFD_READER_TRACE_H

#include "trace/tap.h"

struct reader;
struct trace_file;

struct reader_trace {
	struct trace_file *file; /* NULL: none */
	struct tap_observer observer;
};

/*
 * Before the first and after the last connection. A file that cannot be
 * written is told to the log, and its readers work all the same.
 */
void reader_trace_start(struct reader *);
void reader_trace_stop(struct reader *);

#endif
