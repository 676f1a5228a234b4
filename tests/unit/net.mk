# Unit tests of net/. The wrapped calls are those that a test makes fail.
check_LTLIBRARIES += libunitnet.la
libunitnet_la_SOURCES = tests/unit/net.c tests/unit/net.h
libunitnet_la_CPPFLAGS = $(unit_cppflags)
unitnet_libs = libunit.la libunitnet.la libnet.la

unit_tests += tests/unit/test_endpoint
tests_unit_test_endpoint_SOURCES = tests/unit/test_endpoint.c
tests_unit_test_endpoint_CPPFLAGS = $(unit_cppflags)
tests_unit_test_endpoint_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_backoff
tests_unit_test_backoff_SOURCES = tests/unit/test_backoff.c
tests_unit_test_backoff_CPPFLAGS = $(unit_cppflags)
tests_unit_test_backoff_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_notify
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c
tests_unit_test_notify_CPPFLAGS = $(unit_cppflags)
tests_unit_test_notify_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_wakeup
tests_unit_test_wakeup_SOURCES = tests/unit/test_wakeup.c
tests_unit_test_wakeup_CPPFLAGS = $(unit_cppflags)
tests_unit_test_wakeup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=eventfd
tests_unit_test_wakeup_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_peer
tests_unit_test_peer_SOURCES = tests/unit/test_peer.c
tests_unit_test_peer_CPPFLAGS = $(unit_cppflags)
tests_unit_test_peer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getsockopt
tests_unit_test_peer_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_allow
tests_unit_test_allow_SOURCES = tests/unit/test_allow.c
tests_unit_test_allow_CPPFLAGS = $(unit_cppflags)
tests_unit_test_allow_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recvfrom \
	-Wl,--wrap=getifaddrs -Wl,--wrap=freeifaddrs
tests_unit_test_allow_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_owner
tests_unit_test_owner_SOURCES = tests/unit/test_owner.c
tests_unit_test_owner_CPPFLAGS = $(unit_cppflags)
tests_unit_test_owner_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket \
	-Wl,--wrap=sendto -Wl,--wrap=getpeername
tests_unit_test_owner_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_stream
tests_unit_test_stream_SOURCES = tests/unit/test_stream.c
tests_unit_test_stream_CPPFLAGS = $(unit_cppflags)
tests_unit_test_stream_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getsockopt \
	-Wl,--wrap=setsockopt -Wl,--wrap=fcntl -Wl,--wrap=recv \
	-Wl,--wrap=send
tests_unit_test_stream_LDADD = $(unitnet_libs)

loop_wraps = $(AM_LDFLAGS) -Wl,--wrap=eventfd \
	-Wl,--wrap=epoll_create1 -Wl,--wrap=epoll_ctl -Wl,--wrap=epoll_wait

unit_tests += tests/unit/test_loop
tests_unit_test_loop_SOURCES = tests/unit/test_loop.c \
	tests/unit/seen.c tests/unit/seen.h
tests_unit_test_loop_CPPFLAGS = $(unit_cppflags)
tests_unit_test_loop_LDFLAGS = $(loop_wraps)
tests_unit_test_loop_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_loop_later
tests_unit_test_loop_later_SOURCES = tests/unit/test_loop_later.c \
	tests/unit/seen.c tests/unit/seen.h
tests_unit_test_loop_later_CPPFLAGS = $(unit_cppflags)
tests_unit_test_loop_later_LDFLAGS = $(loop_wraps)
tests_unit_test_loop_later_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_listener
tests_unit_test_listener_SOURCES = tests/unit/test_listener.c
tests_unit_test_listener_CPPFLAGS = $(unit_cppflags)
tests_unit_test_listener_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket \
	-Wl,--wrap=bind -Wl,--wrap=connect -Wl,--wrap=listen \
	-Wl,--wrap=fchmod -Wl,--wrap=lstat -Wl,--wrap=unlink \
	-Wl,--wrap=getpeername -Wl,--wrap=getsockopt \
	-Wl,--wrap=setsockopt -Wl,--wrap=accept4
tests_unit_test_listener_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_dial
tests_unit_test_dial_SOURCES = tests/unit/test_dial.c
tests_unit_test_dial_CPPFLAGS = $(unit_cppflags)
tests_unit_test_dial_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket \
	-Wl,--wrap=connect -Wl,--wrap=getsockopt -Wl,--wrap=setsockopt \
	-Wl,--wrap=getpeername -Wl,--wrap=getsockname \
	-Wl,--wrap=getaddrinfo
tests_unit_test_dial_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_spawn
tests_unit_test_spawn_SOURCES = tests/unit/test_spawn.c
tests_unit_test_spawn_CPPFLAGS = $(unit_cppflags)
tests_unit_test_spawn_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socketpair \
	-Wl,--wrap=getsockopt -Wl,--wrap=pipe2 -Wl,--wrap=fork \
	-Wl,--wrap=getppid -Wl,--wrap=prctl -Wl,--wrap=fcntl \
	-Wl,--wrap=open -Wl,--wrap=dup2 -Wl,--wrap=close_range \
	-Wl,--wrap=execve
tests_unit_test_spawn_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_spawn_as
tests_unit_test_spawn_as_SOURCES = tests/unit/test_spawn_as.c
tests_unit_test_spawn_as_CPPFLAGS = $(unit_cppflags)
tests_unit_test_spawn_as_LDADD = $(unitnet_libs)

unit_tests += tests/unit/test_conn
tests_unit_test_conn_SOURCES = tests/unit/test_conn.c
tests_unit_test_conn_CPPFLAGS = $(unit_cppflags)
tests_unit_test_conn_LDADD = $(unitnet_libs)
