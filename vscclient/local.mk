# vscclient
