libcard_la_SOURCES += \
	card/store/store.h
