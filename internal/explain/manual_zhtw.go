package explain

var manualsZhTW = map[string]string{}
