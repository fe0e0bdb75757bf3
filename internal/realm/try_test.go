package realm

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

func TestTry(t *testing.T) {
	for _, f := range []string{"../../providers/keycloak/realm.json", "/tmp/kcr/fresh.json", "/tmp/kcr/todo-export.json"} {
		data, _ := os.ReadFile(f)
		r, err := Read(f, data, func(string) (string, bool) { return "", false })
		fmt.Println("=====", f, err)
		if r == nil {
			continue
		}
		for _, u := range r.Unimitated {
			fmt.Println("  -", u)
		}
		for _, u := range r.Remarks {
			fmt.Println("  *", u)
		}
		if f[0] == '.' {
			b, _ := json.Marshal(r)
			fmt.Println(string(b))
		} else {
			fmt.Println(len(r.Clients), len(r.Scopes), len(r.People), r.NewClientDefault, r.NewClientOptional, r.Registration)
		}
	}
}
