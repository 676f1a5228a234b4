libcard_la_SOURCES += \
	card/piv/piv.h
