# What is seen of exchanges: who is told, what may be shown, and files of it.
# Only util is below it, which the libraries of its users hold already.
noinst_LTLIBRARIES += libtrace.la
libtrace_la_SOURCES = \
	trace/event.c trace/event.h \
	trace/tap.c trace/tap.h
libtrace_la_CFLAGS = $(AM_CFLAGS) -pthread
