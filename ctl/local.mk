# vscard-ctl: a library that its tests link, and the program around it.
noinst_LTLIBRARIES += libctl.la
libctl_la_SOURCES = \
	ctl/ask.c ctl/ask.h \
	ctl/check_driver.c \
	ctl/check_listen.c \
	ctl/check_pcsc.c ctl/check_pcsc.h \
	ctl/check_pcscd.c \
	ctl/check_system.c \
	ctl/checks.c ctl/checks.h \
	ctl/commands.h \
	ctl/doctor.c ctl/doctor.h \
	ctl/hold.c \
	ctl/json.c ctl/json.h \
	ctl/list.c \
	ctl/options.c ctl/options.h \
	ctl/pcscd.c ctl/pcscd.h \
	ctl/procs.c ctl/procs.h \
	ctl/readerconf.c ctl/readerconf.h \
	ctl/state.c ctl/state.h \
	ctl/status.h \
	ctl/table.c ctl/table.h \
	ctl/text.c ctl/text.h \
	ctl/trial.c ctl/trial.h \
	ctl/watch.c
libctl_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS) $(JANSSON_CFLAGS) \
	-DIFDDIR='"$(ifddir)"' -DUSBDROPDIR='"$(usbdropdir)"' \
	-DREADERCONFDIR='"$(readerconfdir)"'
libctl_la_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
libctl_la_LIBADD = libifd.la $(PCSC_LIBS) $(JANSSON_LIBS)

bin_PROGRAMS += ctl/vscard-ctl
ctl_vscard_ctl_SOURCES = ctl/main.c
ctl_vscard_ctl_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
ctl_vscard_ctl_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
ctl_vscard_ctl_LDADD = libctl.la
man_MANS += man/vscard-ctl.1
EXTRA_DIST += man/vscard-ctl.1
