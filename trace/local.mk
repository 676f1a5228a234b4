# What is seen of exchanges: who is told, what may be shown, and files of it.
# Only util is below it, which the libraries of its users hold already.
noinst_LTLIBRARIES += libtrace.la
libtrace_la_SOURCES = \
	trace/apdu.c trace/apdu.h \
	trace/applet.c trace/applet.h \
	trace/describe.c trace/describe.h \
	trace/dialog.c trace/dialog.h \
	trace/event.c trace/event.h \
	trace/file.c trace/file.h \
	trace/line.c trace/line.h \
	trace/mask.c trace/mask.h \
	trace/pcapng.c trace/pcapng.h \
	trace/status.c \
	trace/capture.c trace/capture.h \
	trace/tap.c trace/tap.h \
	trace/words.c trace/words.h
libtrace_la_CFLAGS = $(AM_CFLAGS) -pthread
