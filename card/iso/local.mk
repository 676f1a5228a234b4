libcard_la_SOURCES += \
	card/iso/apdu.c \
	card/iso/apdu.h \
	card/iso/atr.c \
	card/iso/atr.h \
	card/iso/sw.c \
	card/iso/sw.h \
	card/iso/tlv.c \
	card/iso/tlv.h
