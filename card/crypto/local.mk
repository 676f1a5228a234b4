libcard_la_SOURCES += \
	card/crypto/block.h \
	card/crypto/keypair.h \
	card/crypto/secret.h \
	card/crypto/x509.h
