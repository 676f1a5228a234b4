noinst_LTLIBRARIES += libutil.la
libutil_la_SOURCES = \
	util/bytes.c util/bytes.h \
	util/buf.c util/buf.h \
	util/clock.c util/clock.h \
	util/err.c util/err.h \
	util/guard.c util/guard.h \
	util/hex.c util/hex.h \
	util/lock.c util/lock.h \
	util/log.c util/log.h \
	util/newfile.c util/newfile.h \
	util/passphrase.c util/passphrase.h \
	util/ration.c util/ration.h \
	util/record.c util/record.h \
	util/refuse.c util/refuse.h \
	util/scrub.c util/scrub.h \
	util/tty.c util/tty.h
