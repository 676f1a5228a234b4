libcard_la_SOURCES += \
	card/core/app.h \
	card/core/card.h \
	card/core/env.h \
	card/core/identity.h \
	card/core/pin.h
