# fish completion for ingest:
#   ingest completions fish > ~/.config/fish/completions/ingest.fish

# Prints candidates that end with NUL, because names may have line ends.
function __ingest_complete
    # -x is newer than -o.
    set -l words (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l word (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l answer ($program __complete fish $words[2..-1] "$word" </dev/null 2>/dev/null | string split0)
    switch "$answer[1]"
        case values
            string join0 -- $answer[2..-1]
        case files folders
            set -l lead (string match -r -- '^--[^=]*=' $word)
            set -l path (string replace -r -- '^--[^=]*=' '' $word)
            set -l found
            if test $answer[1] = files
                set found (__fish_complete_path $path)
            else
                set found (__fish_complete_directories $path)
            end
            string join0 -- "$lead"$found
    end
end

complete -c ingest -f -k -a '(__ingest_complete | string split0)'
