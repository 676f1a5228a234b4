libcard_la_SOURCES += \
	card/management/management.h
