Console.Error.WriteLine("monitoring: no command is built yet");
return 2;
