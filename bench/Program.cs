Console.Error.WriteLine("bench: no benchmark is built yet");
return 2;
