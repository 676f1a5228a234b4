libcard_la_SOURCES += \
	card/management/management.c \
	card/management/management.h
