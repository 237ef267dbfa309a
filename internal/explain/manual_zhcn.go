package explain

var manualsZhCN = map[string]string{}
