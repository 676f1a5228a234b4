# The driver: a convenience library that the tests link, and the module that
# pcscd loads around it.
noinst_LTLIBRARIES += libifd.la
libifd_la_SOURCES = \
	ifd/account.c ifd/account.h \
	ifd/caller.c ifd/caller.h \
	ifd/card.c ifd/card.h \
	ifd/card_env.c ifd/card_env.h \
	ifd/card_log.c ifd/card_log.h \
	ifd/cards.c ifd/cards.h \
	ifd/clerk.c ifd/clerk.h \
	ifd/config.c ifd/config.h \
	ifd/config_keys.c ifd/config_keys.h \
	ifd/control.c ifd/control.h \
	ifd/control_client.h \
	ifd/control_list.c \
	ifd/control_watch.c \
	ifd/door.c ifd/door.h \
	ifd/features.c ifd/features.h \
	ifd/hub.c ifd/hub.h \
	ifd/ifdhandler.c \
	ifd/link.c ifd/link.h \
	ifd/link_events.c \
	ifd/link_hold.c ifd/link_hold.h \
	ifd/link_request.c \
	ifd/link_trace.c ifd/link_trace.h \
	ifd/log_pcscd.c ifd/log_pcscd.h \
	ifd/luns.c ifd/luns.h \
	ifd/reader.c ifd/reader.h \
	ifd/reader_trace.c ifd/reader_trace.h \
	ifd/slot.c ifd/slot.h \
	ifd/slot_news.c ifd/slot_tenant.c \
	ifd/status.c ifd/status.h \
	ifd/tenant.c ifd/tenant.h
libifd_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS) $(INIH_CFLAGS) \
	-DBINDIR='"$(bindir)"'
libifd_la_CFLAGS = $(AM_CFLAGS) -pthread
libifd_la_LIBADD = libtrace.la libnet.la $(INIH_LIBS)

lib_ifd_LTLIBRARIES = ifd/libifdvscard.la
lib_ifddir = $(ifddir)
ifd_libifdvscard_la_SOURCES =
ifd_libifdvscard_la_LIBADD = libifd.la
# nodelete: pcscd unloads a driver with its last reader, whoever is inside.
ifd_libifdvscard_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,-z,nodelete -pthread \
	-Wl,--version-script=$(top_srcdir)/ifd/ifdhandler.map
EXTRA_ifd_libifdvscard_la_DEPENDENCIES = ifd/ifdhandler.map
EXTRA_DIST += ifd/ifdhandler.map

# libtool's .la file is of no use to pcscd.
install-data-hook:
	rm -f $(DESTDIR)$(ifddir)/libifdvscard.la
uninstall-hook:
	rm -f $(DESTDIR)$(ifddir)/libifdvscard.so
