# The protocol library: a convenience library that tests and the other rooms
# link, and the thin public one around it.
noinst_LTLIBRARIES += libvscard-core.la
libvscard_core_la_SOURCES = \
	vscard/framer.c vscard/framer.h \
	vscard/lend.h \
	vscard/names.c \
	vscard/quirks.c vscard/quirks.h \
	vscard/session.c vscard/session.h \
	vscard/session_client.c vscard/session_host.c \
	vscard/session_out.c vscard/session_sync.c vscard/session_table.c \
	vscard/wire.c vscard/wire.h
libvscard_core_la_LIBADD = libutil.la

lib_LTLIBRARIES += libvscard.la
libvscard_la_SOURCES =
libvscard_la_LIBADD = libvscard-core.la
libvscard_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(VSCARD_LT_VERSION) \
	-no-undefined -Wl,--version-script=$(top_srcdir)/vscard/libvscard.map
EXTRA_libvscard_la_DEPENDENCIES = vscard/libvscard.map
include_HEADERS += vscard/vscard.h
pkgconfig_DATA += vscard/libvscard.pc
EXTRA_DIST += vscard/libvscard.map
