libcard_la_SOURCES += \
	card/iso/sw.c \
	card/iso/sw.h \
	card/iso/apdu.h \
	card/iso/tlv.h
