Console.Error.WriteLine("firmware-sim: no command is built yet");
return 2;
