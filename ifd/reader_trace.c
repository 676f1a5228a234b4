/* SPDX-License-Identifier: BSD-2-Clause */
#include <config.h> /* not the one beside this file */

#include "ifd/reader.h"
#include "trace/file.h"
#include "util/log.h"

void
reader_trace_start(struct reader *reader)
{
	struct reader_trace *trace = &reader->trace;
	const struct trace_file_setup setup = {
	    .path = reader->config.trace,
	    .program = "libifdvscard " PACKAGE_VERSION,
	    .source = reader,
	    .secrets = reader->config.trace_secrets != 0,
	};
	const char *why;

	if (*setup.path == '\0')
		return;
	if (trace_file_new(&setup, &trace->file, &why) < 0) {
		log_error("%s: trace = %s: %s; nothing is traced", reader->text,
		    setup.path, why);
		return;
	}
	trace->observer = (struct tap_observer){
	    .on_event = trace_file_on_event, .arg = trace->file};
	tap_add(reader->tap, &trace->observer);
	log_info("%s: all exchanges are written to %s%s", reader->text,
	    setup.path, setup.secrets ? ", secrets included" : "");
}

void
reader_trace_stop(struct reader *reader)
{
	struct reader_trace *trace = &reader->trace;

	if (trace->file == NULL)
		return;
	tap_remove(reader->tap, &trace->observer);
	trace_file_free(&trace->file);
}
