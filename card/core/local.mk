libcard_la_SOURCES += \
	card/core/app.h \
	card/core/card.c \
	card/core/card.h \
	card/core/chain.c \
	card/core/chain.h \
	card/core/dispatch.c \
	card/core/dispatch.h \
	card/core/env.c \
	card/core/env.h \
	card/core/identity.c \
	card/core/identity.h \
	card/core/pin.c \
	card/core/pin.h
