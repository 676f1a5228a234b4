noinst_LTLIBRARIES += libnet.la
libnet_la_SOURCES = \
	net/address.c net/address.h \
	net/allow.c net/allow.h \
	net/allow_judge.c \
	net/backoff.c net/backoff.h \
	net/conn.c net/conn.h \
	net/control.c net/control.h \
	net/dial.c net/dial.h \
	net/endpoint.c net/endpoint.h \
	net/listener.c net/listener.h \
	net/loop.c net/loop.h \
	net/notify.c net/notify.h \
	net/owner.c net/owner.h \
	net/peer.c net/peer.h \
	net/spawn.c net/spawn.h \
	net/starter.c net/starter.h \
	net/stream.c net/stream.h \
	net/wakeup.c net/wakeup.h
# Each convenience library holds the one below it, so name only that one:
# twice the same object would not link into a module.
libnet_la_LIBADD = libvscard-core.la
