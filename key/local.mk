# vscard-key: a convenience library that the tests link, and the program.
noinst_LTLIBRARIES += libkey.la
libkey_la_SOURCES = \
	key/certificate.c key/certificate.h \
	key/client.c key/client.h \
	key/commands.c key/commands.h \
	key/copy.c \
	key/export.c \
	key/info.c key/info.h \
	key/info_json.c \
	key/inventory.c key/inventory.h \
	key/open.c key/open.h \
	key/options.c key/options.h \
	key/status.h
libkey_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(ZLIB_CFLAGS)
libkey_la_LIBADD = libcard.la libutil.la $(JANSSON_LIBS) $(ZLIB_LIBS)

bin_PROGRAMS += key/vscard-key
key_vscard_key_SOURCES = key/main.c
key_vscard_key_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
key_vscard_key_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
key_vscard_key_LDADD = libkey.la

man_MANS += man/vscard-key.1
EXTRA_DIST += man/vscard-key.1
