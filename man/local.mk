# The manuals of the driver; a program's manual stands in its own local.mk.
man_MANS += man/ifd-vscard.8 man/vscard.conf.5
EXTRA_DIST += man/ifd-vscard.8 man/vscard.conf.5
man_MANS += man/libvscard.3
EXTRA_DIST += man/libvscard.3
