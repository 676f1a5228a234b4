libcard_la_SOURCES += \
	card/store/db.c \
	card/store/db.h \
	card/store/file.c \
	card/store/file.h \
	card/store/keyslot.c \
	card/store/keyslot.h \
	card/store/lock.c \
	card/store/lock.h \
	card/store/set.c \
	card/store/set.h \
	card/store/store.c \
	card/store/store.h \
	card/store/store_open.c \
	card/store/store_passphrase.c \
	card/store/store_self.h \
	card/store/why.c \
	card/store/why.h
