import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.event.ruler.Machine;

/** EventBridge's own matcher: a rule from a file; for each event, a line of input, the rules that match. */
public class MatchEvents {
  public static void main(String[] arguments) throws Exception {
    Machine machine = new Machine();
    machine.addRule("rule", Files.readString(Path.of(arguments[0])));
    System.out.println("ready");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(machine.rulesForJSONEvent(line));
      System.out.flush();
    }
  }
}
