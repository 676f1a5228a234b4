# The security key. A convenience library without libutil, which each of its
# users names.
noinst_LTLIBRARIES += libcard.la
libcard_la_SOURCES = card/registry.c card/registry.h \
	card/keyfile.c card/keyfile.h
libcard_la_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(SQLITE_CFLAGS) \
	-DOPENSSL_API_COMPAT=0x30000000L -DOPENSSL_NO_DEPRECATED
libcard_la_LIBADD = $(CRYPTO_LIBS) $(SQLITE_LIBS)

include card/iso/local.mk
include card/crypto/local.mk
include card/store/local.mk
include card/core/local.mk
include card/piv/local.mk
include card/management/local.mk
