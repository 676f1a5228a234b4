libcard_la_SOURCES += \
	card/piv/piv.c \
	card/piv/piv.h \
	card/piv/piv_admin.c \
	card/piv/piv_attest.c \
	card/piv/piv_auth.c \
	card/piv/piv_generate.c \
	card/piv/piv_key.c \
	card/piv/piv_metadata.c \
	card/piv/piv_object.c \
	card/piv/piv_pin.c \
	card/piv/piv_reset.c \
	card/piv/piv_sign.c \
	card/piv/piv_standing.c \
	card/piv/piv_state.h
