bin_PROGRAMS += run/vscard-run
run_vscard_run_SOURCES = \
	run/child.c run/child.h \
	run/daemon.c run/daemon.h \
	run/front.c run/front.h \
	run/main.c \
	run/namespaces.c run/namespaces.h \
	run/options.c run/options.h \
	run/place.h \
	run/programs.c run/programs.h \
	run/ready.c run/ready.h \
	run/sandbox.c run/sandbox.h \
	run/sockfile.c run/sockfile.h \
	run/supervise.c run/supervise.h
run_vscard_run_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS) \
	-DBINDIR='"$(bindir)"' -DIFDDIR='"$(ifddir)"' \
	-DUSBDROPDIR='"$(usbdropdir)"'
run_vscard_run_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
run_vscard_run_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
run_vscard_run_LDADD = libnet.la libutil.la $(PCSC_LIBS)
man_MANS += man/vscard-run.1
EXTRA_DIST += man/vscard-run.1
