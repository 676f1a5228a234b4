libcard_la_SOURCES += \
	card/crypto/block.c \
	card/crypto/block.h \
	card/crypto/crypto.c \
	card/crypto/crypto.h \
	card/crypto/keypair.c \
	card/crypto/keypair.h \
	card/crypto/keypair_25519.c \
	card/crypto/keypair_ec.c \
	card/crypto/keypair_family.h \
	card/crypto/keypair_rsa.c \
	card/crypto/secret.c \
	card/crypto/secret.h \
	card/crypto/x509.c \
	card/crypto/x509.h
