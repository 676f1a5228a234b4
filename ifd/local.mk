# ifd
