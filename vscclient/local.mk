# vscclient: a convenience library that the tests link, and the program.
noinst_LTLIBRARIES += libvscclient.la
libvscclient_la_SOURCES = \
	vscclient/backend.h \
	vscclient/backend_exec.c vscclient/backend_exec.h \
	vscclient/backend_key.c \
	vscclient/backend_nss.c \
	vscclient/backend_pcsc.c \
	vscclient/cardhost.c vscclient/cardhost.h \
	vscclient/cardproc.c vscclient/cardproc.h \
	vscclient/cardspec.c vscclient/cardspec.h \
	vscclient/client.c vscclient/client.h \
	vscclient/commands.c vscclient/commands.h \
	vscclient/crew.c vscclient/crew.h \
	vscclient/emul.c vscclient/emul.h \
	vscclient/link.c vscclient/link.h \
	vscclient/netproc.c vscclient/netproc.h \
	vscclient/nss_args.c vscclient/nss_args.h \
	vscclient/options.c vscclient/options.h \
	vscclient/origin.c vscclient/origin.h \
	vscclient/pcsc_card.c vscclient/pcsc_card.h \
	vscclient/pcsc_monitor.c vscclient/pcsc_monitor.h \
	vscclient/pcsc_result.c vscclient/pcsc_result.h \
	vscclient/pcsc_traits.c vscclient/pcsc_traits.h \
	vscclient/programs.c vscclient/programs.h \
	vscclient/prompt.c vscclient/prompt.h \
	vscclient/readermatch.c vscclient/readermatch.h \
	vscclient/relay.c vscclient/relay.h \
	vscclient/relay_hand.c \
	vscclient/relay_reader.c vscclient/relay_reader.h \
	vscclient/relay_trace.c vscclient/relay_trace.h \
	vscclient/report.c vscclient/report.h \
	vscclient/sandbox.c vscclient/sandbox.h \
	vscclient/sandbox_calls.c vscclient/sandbox_calls.h \
	vscclient/sandbox_card.c vscclient/sandbox_card.h \
	vscclient/signals.c vscclient/signals.h \
	vscclient/sink.c vscclient/sink.h \
	vscclient/ssh.c vscclient/ssh.h \
	vscclient/status.h \
	vscclient/stderr.c vscclient/stderr.h \
	vscclient/touch.c vscclient/touch.h \
	vscclient/words.c vscclient/words.h \
	vscclient/worker.c vscclient/worker.h
libvscclient_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS) $(CACARD_CFLAGS) \
	$(NSS_CFLAGS) $(SECCOMP_CFLAGS) $(LIBEDIT_CFLAGS)
libvscclient_la_CFLAGS = $(AM_CFLAGS) -pthread
libvscclient_la_LIBADD = libcard.la libtrace.la libnet.la libvscard-core.la \
	libutil.la \
	$(PCSC_LIBS) $(CACARD_LIBS) $(NSS_LIBS) $(SECCOMP_LIBS) $(LIBEDIT_LIBS)

bin_PROGRAMS += vscclient/vscclient
vscclient_vscclient_SOURCES = vscclient/main.c
vscclient_vscclient_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
vscclient_vscclient_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS) -pthread
vscclient_vscclient_LDADD = libvscclient.la

man_MANS += man/vscclient.1
EXTRA_DIST += man/vscclient.1
