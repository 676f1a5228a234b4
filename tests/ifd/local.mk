# ifd tests
