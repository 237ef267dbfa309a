package explain

var eventMessagesZhTW = map[string]string{}
